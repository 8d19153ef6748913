//! Summaries of templates.

use crate::{get_template::TEMPLATE, support::World};
use serde_json::json;

#[tokio::test]
async fn a_template_and_that_of_a_stack_are_summarised() {
    let world = World::new();
    let answer = world.ok("GetTemplateSummary", json!({"TemplateBody": TEMPLATE})).await;
    assert_eq!(answer["ResourceTypes"], json!(["Test::Thing::Thing"]));
    assert_eq!(answer["Parameters"][0]["ParameterConstraints"]["AllowedValues"], json!(["1", "2"]));
    world.create("shop", TEMPLATE).await;
    assert_eq!(world.ok("GetTemplateSummary", json!({"StackName": "shop"})).await, answer);
    assert_eq!(world.fault("GetTemplateSummary", json!({})).await.0, "ValidationError");
}
