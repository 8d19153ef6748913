//! What a failed deployment leaves: nothing.

use crate::{create_stack::CHAIN, support::World};
use serde_json::json;

const MIXED: &str = "
Resources:
  A: {Type: 'Test::Thing::Thing', Properties: {Size: 1}}
  B: {Type: 'Test::Thing::Gadget', Properties: {Link: !GetAtt A.Arn}}
  C: {Type: 'Test::Thing::Thing', DependsOn: [A, B]}
  D: {Type: 'Test::Thing::Thing', Properties: {Link: !Ref A}}
  Last: {Type: 'Test::Thing::Thing', DependsOn: [C, D]}
Outputs: {Out: {Value: !Ref Last, Export: {Name: out}}}
";

#[tokio::test]
async fn a_failure_after_any_resource_leaves_nothing() {
    for victim in ["A", "B", "C", "D", "Last"] {
        let world = World::new();
        let before = world.dump().await;
        world.things.fail(&format!("create {victim}"), 400, 1);
        let id = world.create("shop", MIXED).await;
        assert_eq!(world.status("shop").await, "ROLLBACK_COMPLETE", "{victim}");
        assert!(world.things.existing().is_empty(), "{victim}");
        let reason = world.reason("shop", &format!("{victim} CREATE_FAILED")).await;
        assert_eq!(reason, format!("create {victim} was told to fail (ThingBroken)"));
        let reason = world.reason("shop", "shop ROLLBACK_IN_PROGRESS").await;
        assert_eq!(
            reason,
            format!(
                "The following resource(s) failed to create: [{victim}]. Rollback requested by user."
            )
        );
        world.settle().await;
        assert_eq!(world.dump().await, before, "{victim}");
        world.delete("shop").await;
        assert_eq!(world.status(&id).await, "DELETE_COMPLETE");
    }
}

pub(crate) const BEFORE: &str = "
Resources:
  Stays: {Type: 'Test::Thing::Thing', Properties: {Size: 1}}
  Grows: {Type: 'Test::Thing::Thing', Properties: {Size: 1, Link: !Ref Stays}}
  Moves: {Type: 'Test::Thing::Thing', Properties: {Fixed: one}}
  Uses: {Type: 'Test::Thing::Thing', Properties: {Link: !Ref Moves}}
  Goes: {Type: 'Test::Thing::Thing', Properties: {Link: !Ref Uses}}
Outputs: {Moves: {Value: !Ref Moves}}
";
pub(crate) const AFTER: &str = "
Resources:
  Stays: {Type: 'Test::Thing::Thing', Properties: {Size: 1}}
  Grows: {Type: 'Test::Thing::Thing', Properties: {Size: 2, Link: !Ref Stays}}
  Moves: {Type: 'Test::Thing::Thing', Properties: {Fixed: two}}
  Uses: {Type: 'Test::Thing::Thing', Properties: {Link: !Ref Moves}}
  Comes: {Type: 'Test::Thing::Thing', Properties: {Link: !Ref Uses}}
Outputs: {Moves: {Value: !Ref Moves}}
";

#[tokio::test]
async fn an_update_changes_replaces_adds_and_removes() {
    let world = World::new();
    world.create("shop", BEFORE).await;
    let before = world.physical_ids("shop").await;
    world.things.calls();
    world.update("shop", AFTER).await;
    assert_eq!(world.status("shop").await, "UPDATE_COMPLETE");
    let after = world.physical_ids("shop").await;
    let ids: Vec<&str> = after.keys().map(String::as_str).collect();
    assert_eq!(ids, ["Comes", "Grows", "Moves", "Stays", "Uses"]);
    assert_eq!((&after["Grows"], &after["Uses"]), (&before["Grows"], &before["Uses"]));
    assert_ne!(after["Moves"], before["Moves"]);
    let things = world.things.existing();
    assert_eq!(things.len(), 5);
    assert_eq!(things[&after["Uses"]]["Link"], after["Moves"]);
    assert_eq!(things[&after["Grows"]]["Size"], 2);
    let calls = world.things.calls();
    let at = |call: &str| calls.iter().position(|one| one == call).unwrap();
    assert!(at("create Moves") < at("update Uses"), "{calls:?}");
    assert!(at("update Uses") < at("delete Moves"), "{calls:?}");
    assert!(!calls.iter().any(|call| call.ends_with(" Stays")), "{calls:?}");
    let events = world.events("shop").await;
    let at = |event: &str| events.iter().position(|one| one == event).unwrap();
    let cleanup = at("shop UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
    assert!(cleanup < at("Goes DELETE_IN_PROGRESS"));
    assert!(at("Moves DELETE_COMPLETE") < at("shop UPDATE_COMPLETE"));
    assert_eq!(world.stack("shop").await["Outputs"][0]["OutputValue"], after["Moves"]);
}

#[tokio::test]
async fn an_update_that_fails_anywhere_is_taken_back() {
    for victim in ["update Grows", "create Moves", "update Uses", "create Comes"] {
        let world = World::new();
        world.create("shop", BEFORE).await;
        let (things, ids) = (world.things.existing(), world.physical_ids("shop").await);
        world.things.fail(victim, 400, 1);
        world.update("shop", AFTER).await;
        assert_eq!(world.status("shop").await, "UPDATE_ROLLBACK_COMPLETE", "{victim}");
        assert_eq!(world.things.existing(), things, "{victim}");
        assert_eq!(world.physical_ids("shop").await, ids, "{victim}");
        let events = world.events("shop").await;
        let at = |event: &str| events.iter().position(|one| one == event).unwrap();
        assert!(
            at("shop UPDATE_ROLLBACK_IN_PROGRESS")
                < at("shop UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        );
        // And again, without the failure.
        world.update("shop", AFTER).await;
        assert_eq!(world.status("shop").await, "UPDATE_COMPLETE", "{victim}");
        assert_eq!(world.things.existing().len(), 5);
    }
}

#[tokio::test]
async fn a_failure_can_leave_things_alone_or_delete_the_stack() {
    let world = World::new();
    world.things.fail("create C", 400, 2);
    let input = json!({"StackName": "kept", "TemplateBody": CHAIN, "OnFailure": "DO_NOTHING"});
    world.ok("CreateStack", input).await;
    world.run_jobs().await;
    assert_eq!(world.status("kept").await, "CREATE_FAILED");
    assert_eq!(world.things.existing().len(), 2);
    world.delete("kept").await;
    assert!(world.things.existing().is_empty());
    let input = json!({"StackName": "gone", "TemplateBody": CHAIN, "OnFailure": "DELETE"});
    let id = world.ok("CreateStack", input).await["StackId"].as_str().unwrap().to_owned();
    world.run_jobs().await;
    assert_eq!(world.status(&id).await, "DELETE_COMPLETE");
    assert!(world.things.existing().is_empty());
    let input = json!({"StackName": "x", "TemplateBody": CHAIN, "OnFailure": "DELETE",
        "DisableRollback": true});
    assert_eq!(world.fault("CreateStack", input).await.0, "ValidationError");
}

#[tokio::test]
async fn a_platform_that_fails_for_a_while_is_waited_for() {
    let world = World::new();
    world.things.fail("create B", 503, 3);
    world.create("shop", CHAIN).await;
    assert_eq!(world.status("shop").await, "CREATE_COMPLETE");
    world.things.fail("create B", 503, 100);
    world.create("other", CHAIN).await;
    assert_eq!(world.status("other").await, "ROLLBACK_COMPLETE");
}

#[tokio::test]
async fn a_creation_that_takes_too_long_is_taken_back() {
    let world = World::new();
    let input = json!({"StackName": "slow", "TemplateBody": CHAIN, "TimeoutInMinutes": 1});
    world.ok("CreateStack", input).await;
    world.bed.advance(std::time::Duration::from_secs(61));
    world.run_jobs().await;
    assert_eq!(world.status("slow").await, "ROLLBACK_COMPLETE");
    let reason = world.reason("slow", "slow ROLLBACK_IN_PROGRESS").await;
    assert!(reason.contains("exceeded the specified timeout of 1 minutes"), "{reason}");
}
