use crate::{
    common::{World, ran},
    create_alias::two_versions,
};
use serde_json::json;

#[tokio::test]
async fn a_weighted_alias_sends_each_version_its_share() {
    let world = World::in_memory();
    two_versions(&world).await;
    let input = json!({"FunctionName": "f", "Name": "live", "FunctionVersion": "1"});
    let made = world.ok("CreateAlias", input).await;
    let input = json!({"FunctionName": "f", "Name": "live", "RevisionId": made["RevisionId"],
        "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.5}}});
    let changed = world.ok("UpdateAlias", input.clone()).await;
    assert_eq!(changed["FunctionVersion"], "1");
    assert_eq!(changed["RoutingConfig"]["AdditionalVersionWeights"]["2"], 0.5);
    let (code, text) = world.fault("UpdateAlias", input).await;
    assert_eq!(code, "PreconditionFailedException");
    assert!(text.starts_with("The Revision Id provided does not match the latest Revision Id."));
    let mut counts = [0, 0];
    for _ in 0..40 {
        let reply = world.invoke_qualified("live", &json!({})).await;
        counts[usize::from(ran(&reply) == "2")] += 1;
    }
    assert!(counts.iter().all(|count| *count > 8), "{counts:?}");
    let input = json!({"FunctionName": "f", "Name": "live", "FunctionVersion": "2",
        "RoutingConfig": {}});
    let changed = world.ok("UpdateAlias", input).await;
    assert_eq!((&changed["FunctionVersion"], changed.get("RoutingConfig")), (&json!("2"), None));
}
