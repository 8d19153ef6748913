//! Giving templates back.

use crate::support::World;
use serde_json::json;

pub(crate) const TEMPLATE: &str = "
Description: a shop
Parameters:
  Size: {Type: Number, Default: 1, AllowedValues: [1, 2]}
Resources:
  A: {Type: 'Test::Thing::Thing', Properties: {Size: !Ref Size}}
";

#[tokio::test]
async fn a_template_is_given_back_as_it_was_and_processed() {
    let world = World::new();
    world.create("shop", TEMPLATE).await;
    let answer = world.ok("GetTemplate", json!({"StackName": "shop"})).await;
    assert_eq!(answer["TemplateBody"], TEMPLATE);
    assert_eq!(answer["StagesAvailable"], json!(["Original", "Processed"]));
    let input = json!({"StackName": "shop", "TemplateStage": "Processed"});
    let answer = world.ok("GetTemplate", input).await;
    let body = answer["TemplateBody"].as_str().unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["Resources"]["A"]["Properties"]["Size"], json!({"Ref": "Size"}));
    let input = json!({"StackName": "shop", "ChangeSetName": "c",
        "TemplateBody": TEMPLATE.replace("Default: 1", "Default: 2")});
    world.ok("CreateChangeSet", input).await;
    let input = json!({"StackName": "shop", "ChangeSetName": "c"});
    let answer = world.ok("GetTemplate", input).await;
    assert!(answer["TemplateBody"].as_str().unwrap().contains("Default: 2"));
}

#[tokio::test]
async fn a_stack_that_is_not_made_yet_has_an_empty_template() {
    let world = World::new();
    let input = json!({"StackName": "shop", "ChangeSetName": "c", "ChangeSetType": "CREATE",
        "TemplateBody": TEMPLATE});
    world.ok("CreateChangeSet", input).await;
    for stage in ["Original", "Processed"] {
        let input = json!({"StackName": "shop", "TemplateStage": stage});
        assert_eq!(world.ok("GetTemplate", input).await["TemplateBody"], "");
    }
}

#[tokio::test]
async fn a_template_may_be_a_megabyte_and_not_more() {
    let world = World::new();
    let comment = |size: usize| format!("{TEMPLATE}# {}", "x".repeat(size));
    world.create("large", &comment(900_000)).await;
    assert_eq!(world.status("large").await, "CREATE_COMPLETE");
    let input = json!({"StackName": "larger", "TemplateBody": comment(1_100_000)});
    assert_eq!(world.fault("CreateStack", input).await.0, "ValidationError");
}
