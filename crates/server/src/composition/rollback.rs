//! What a failed deployment leaves: nothing. Every call that a deployment makes goes wrong once,
//! and everything that is stored is compared with what was stored before.

use super::{
    meddler::Mishap,
    world::{Dump, World, input},
};
use serde_json::{Value, json};
use service::tag;
use std::{collections::BTreeSet, time::Duration};

const BEFORE: &str = include_str!("rollback/before.yaml");
const AFTER: &str = include_str!("rollback/after.yaml");
const INNER: &str = include_str!("rollback/inner.yaml");

/// A platform with the template of the nested stack.
async fn world() -> World {
    let world = World::new().await;
    let place = json!({"LocationConstraint": "eu-central-1"});
    let input = json!({"Bucket": "templates", "CreateBucketConfiguration": place});
    world.call("s3", "CreateBucket", input).await.unwrap();
    world.put_object("templates", "inner.yaml", INNER).await;
    world
}

/// Long enough for a deployment with all its pauses.
const DEPLOYMENT: Duration = Duration::from_secs(60 * 60);
/// Longer than the grace of packages and then of their blobs.
const GRACE: Duration = Duration::from_secs(26 * 60 * 60);
/// Longer than deleted stacks are remembered.
const MEMORY: Duration = Duration::from_secs(91 * 24 * 60 * 60);
/// No call has this number.
const NEVER: usize = usize::MAX;

async fn create(world: &World) -> String {
    world.ok("CreateStack", input(BEFORE)).await;
    world.work_for(DEPLOYMENT).await;
    world.status("shop").await
}

async fn update(world: &World) -> String {
    world.ok("UpdateStack", input(AFTER)).await;
    world.work_for(DEPLOYMENT).await;
    world.status("shop").await
}

/// The same as a change set.
async fn change(world: &World, kind: &str, template: &str) -> String {
    let mut input = input(template);
    input["ChangeSetName"] = "next".into();
    input["ChangeSetType"] = kind.into();
    world.ok("CreateChangeSet", input).await;
    let named = json!({"StackName": "shop", "ChangeSetName": "next"});
    world.ok("ExecuteChangeSet", named).await;
    world.work_for(DEPLOYMENT).await;
    world.status("shop").await
}

/// Deletes the stack and waits until nobody remembers it: nothing at all is left.
async fn bury(world: &World, nothing: &Dump, what: &str) {
    world.meddler.arm(NEVER, Mishap::Refused);
    world.ok("DeleteStack", json!({"StackName": "shop"})).await;
    world.work_for(MEMORY).await;
    compare(&world.dump().await, nothing, &format!("{what}, and deleted"));
}

/// Panics with all differences of two dumps.
#[track_caller]
fn compare(found: &Dump, expected: &Dump, what: &str) {
    let nothing = Value::Null;
    let mut differences = Vec::new();
    let keys: BTreeSet<&String> = found.keys().chain(expected.keys()).collect();
    for key in keys {
        match (found.get(key), expected.get(key)) {
            (Some(_), None) => differences.push(format!("{key} is left")),
            (None, Some(_)) => differences.push(format!("{key} is gone")),
            (found, expected) => differ(
                key,
                found.unwrap_or(&nothing),
                expected.unwrap_or(&nothing),
                &mut differences,
            ),
        }
    }
    assert!(differences.is_empty(), "{what}:\n{}", differences.join("\n"));
}

/// Notes the members that differ.
fn differ(path: &str, found: &Value, expected: &Value, differences: &mut Vec<String>) {
    match (found, expected) {
        (Value::Object(one), Value::Object(other)) => {
            for name in one.keys().chain(other.keys().filter(|name| !one.contains_key(*name))) {
                differ(&format!("{path} {name}"), &found[name], &expected[name], differences);
            }
        }
        _ if found == expected => {}
        _ => differences.push(format!("{path}: {found} and not {expected}")),
    }
}

/// Without what a stack remembers of its own story: its record and name, template, the states of
/// its resources, events, and change sets; and without what makes it forget.
fn without_story(dump: Dump) -> Dump {
    let story = [0, 1, 2, 3, 5, 8, 9, 10].map(|n| format!("{:04x} ", tag::STACKS + n));
    let is_story = |key: &String| {
        story.iter().any(|prefix| key.starts_with(prefix.as_str()))
            || key.starts_with("job stacks.forget ")
    };
    dump.into_iter().filter(|(key, _)| !is_story(key)).collect()
}

/// Types of which a template can only name what was uploaded before, or that wait for somebody who is
/// not in these tests.
const ELSEWHERE: [&str; 3] = [
    "AWS::CloudFormation::WaitCondition",
    "AWS::CloudFormation::WaitConditionHandle",
    "AWS::Lambda::LayerVersion",
];

#[tokio::test]
async fn the_templates_of_these_tests_have_every_resource_type() {
    let types = World::new().await.types;
    for kind in types.into_iter().filter(|kind| !ELSEWHERE.contains(kind)) {
        let line = format!("Type: {kind}\n");
        assert!(BEFORE.contains(&line), "add a resource of {kind} to rollback/before.yaml");
        assert!(AFTER.contains(&line), "and change it in rollback/after.yaml");
    }
}

/// How many calls a creation, an update and a deletion make.
async fn calls() -> [usize; 3] {
    let world = world().await;
    world.meddler.arm(NEVER, Mishap::Refused);
    let status = create(&world).await;
    assert_eq!(status, "CREATE_COMPLETE", "{}", world.story("shop").await);
    let created = world.meddler.made().len();
    world.meddler.arm(NEVER, Mishap::Refused);
    let status = update(&world).await;
    assert_eq!(status, "UPDATE_COMPLETE", "{}", world.story("shop").await);
    let updated = world.meddler.made().len();
    world.meddler.arm(NEVER, Mishap::Refused);
    world.ok("DeleteStack", json!({"StackName": "shop"})).await;
    world.work_for(DEPLOYMENT).await;
    [created, updated, world.meddler.made().len()]
}

#[tokio::test]
async fn a_creation_that_fails_at_any_call_leaves_nothing() {
    let [created, ..] = calls().await;
    for number in 0..created {
        let world = world().await;
        let nothing = world.dump().await;
        world.meddler.arm(number, Mishap::Refused);
        let status = match number % 4 {
            0 => change(&world, "CREATE", BEFORE).await,
            _ => create(&world).await,
        };
        let what = format!("{number}: {}", world.meddler.made()[number]);
        assert_eq!(status, "ROLLBACK_COMPLETE", "{what}: {}", world.story("shop").await);
        world.work_for(GRACE).await;
        compare(&without_story(world.dump().await), &without_story(nothing.clone()), &what);
        bury(&world, &nothing, &what).await;
    }
}

#[tokio::test]
async fn a_creation_of_which_any_answer_gets_lost_finds_what_it_did() {
    let [created, ..] = calls().await;
    for number in 0..created {
        let world = world().await;
        let nothing = world.dump().await;
        world.meddler.arm(number, Mishap::Lost);
        let status = create(&world).await;
        let what = format!("{number}: {}", world.meddler.made()[number]);
        assert_eq!(status, "CREATE_COMPLETE", "{what}: {}", world.story("shop").await);
        bury(&world, &nothing, &what).await;
    }
}

#[tokio::test]
async fn an_update_that_fails_at_any_call_is_taken_back() {
    let [_, updated, _] = calls().await;
    for number in 0..updated {
        let world = world().await;
        let nothing = world.dump().await;
        create(&world).await;
        world.work_for(GRACE).await;
        let (before, ids) = (world.dump().await, world.physical_ids("shop").await);
        let variables = environment(&world).await;
        world.meddler.arm(number, Mishap::Refused);
        let status = match number % 4 {
            0 => change(&world, "UPDATE", AFTER).await,
            _ => update(&world).await,
        };
        let what = format!("{number}: {}", world.meddler.made()[number]);
        // What cannot be deleted when everything is done does not undo it.
        let is_cleanup = status == "UPDATE_COMPLETE";
        assert!(is_cleanup || status == "UPDATE_ROLLBACK_COMPLETE", "{what}: {status}");
        world.work_for(GRACE).await;
        if !is_cleanup {
            assert_eq!(world.physical_ids("shop").await, ids, "{what}");
            assert_eq!(environment(&world).await, variables, "{what}");
            let after = untouched(without_story(world.dump().await));
            compare(&after, &untouched(without_story(before)), &what);
            bury(&world, &nothing, &what).await;
        }
    }
}

#[tokio::test]
async fn a_deletion_that_fails_at_any_call_can_be_asked_for_again() {
    let [.., deleted] = calls().await;
    for number in 0..deleted {
        let world = world().await;
        let nothing = world.dump().await;
        create(&world).await;
        world.meddler.arm(number, Mishap::Refused);
        world.ok("DeleteStack", json!({"StackName": "shop"})).await;
        world.work_for(DEPLOYMENT).await;
        let Some(call) = world.meddler.made().get(number).cloned() else { continue };
        let status = world.status("shop").await;
        assert_eq!(status, "DELETE_FAILED", "{call}: {}", world.story("shop").await);
        bury(&world, &nothing, &call).await;
    }
}

const ROBOT: &str = "
Resources:
  Robot:
    Type: AWS::IAM::Role
    Properties:
      RoleName: robot
      Path: PATH
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}
      Policies:
        - PolicyName: own
          PolicyDocument:
            Version: '2012-10-17'
            Statement: [{Effect: Allow, Action: 'ACTION', Resource: '*'}]
";

#[tokio::test]
async fn what_has_a_name_of_its_own_is_not_replaced_and_stays_as_it_was() {
    let world = world().await;
    let robot = |path, action| ROBOT.replace("PATH", path).replace("ACTION", action);
    world.ok("CreateStack", input(&robot("/", "sqs:ListQueues"))).await;
    world.work_for(DEPLOYMENT).await;
    let before = world.dump().await;
    world.ok("UpdateStack", input(&robot("/arm/", "sqs:*"))).await;
    world.work_for(DEPLOYMENT).await;
    assert_eq!(world.status("shop").await, "UPDATE_ROLLBACK_COMPLETE");
    let story = world.story("shop").await;
    assert!(story.contains("Rename robot and update the stack again."), "{story}");
    let after = untouched(without_story(world.dump().await));
    compare(&after, &untouched(without_story(before)), "the role");
}

/// Members that an update and its way back change by design: when something was changed, as which
/// revision, since when a table is billed by request, and under which bytes an environment is
/// sealed ([`environment`] looks into it).
const MARKS: [&str; 7] =
    ["modified", "updated", "touched", "revision", "instances", "OnDemand", "environment"];

/// Without these marks. Of a managed policy, whose versions have numbers, the document in force; of
/// a parameter, which keeps all its versions, the latest without its number.
fn untouched(mut dump: Dump) -> Dump {
    let earlier = format!("{:04x} ", tag::SECRETS + 1);
    dump.retain(|key, _| !key.starts_with(&earlier));
    for value in dump.values_mut().filter_map(Value::as_object_mut) {
        without_marks(value);
        if let Some(current) = value.get_mut("current").and_then(Value::as_object_mut) {
            current.remove("number");
        }
        if let Some(versions) = value.remove("versions") {
            let in_force = value.remove("default").unwrap_or_default().to_string();
            value.remove("next");
            value.insert("document".to_owned(), versions[in_force]["text"].clone());
        }
    }
    dump
}

/// The variables of the function.
async fn environment(world: &World) -> Value {
    let name = world.physical_ids("shop").await.remove("Work");
    let input = json!({"FunctionName": name});
    let mut found = world.call("lambda", "GetFunctionConfiguration", input).await.unwrap();
    found["Environment"].take()
}

fn without_marks(record: &mut serde_json::Map<String, Value>) {
    record.retain(|name, _| !MARKS.contains(&name.as_str()));
    record.values_mut().filter_map(Value::as_object_mut).for_each(without_marks);
}
