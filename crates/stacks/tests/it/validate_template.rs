//! Validating templates.

use crate::{get_template::TEMPLATE, support::World};
use serde_json::json;

#[tokio::test]
async fn a_template_is_validated() {
    let world = World::new();
    let answer = world.ok("ValidateTemplate", json!({"TemplateBody": TEMPLATE})).await;
    assert_eq!(answer["Description"], "a shop");
    assert_eq!(answer["Parameters"][0]["DefaultValue"], "1");
    let (code, message) =
        world.fault("ValidateTemplate", json!({"TemplateBody": "Resources: {A: {}}"})).await;
    assert_eq!(code, "ValidationError");
    assert!(message.contains("Every Resources object must contain a Type member."), "{message}");
}
