use crate::common::{FUNCTION, everywhere};
use serde_json::json;

#[tokio::test]
async fn an_alias_is_told_as_it_was_made() {
    everywhere(async |world| {
        world.create().await;
        let input = json!({"FunctionName": "f", "Name": "live", "FunctionVersion": "$LATEST",
            "Description": "what runs"});
        let made = world.ok("CreateAlias", input).await;
        let input = json!({"FunctionName": "f", "Name": "live"});
        assert_eq!(world.ok("GetAlias", input).await, made);
        assert_eq!(made["Description"], "what runs");
        let (code, text) =
            world.fault("GetAlias", json!({"FunctionName": "f", "Name": "none"})).await;
        assert_eq!(code, "ResourceNotFoundException");
        assert_eq!(text, format!("Cannot find alias arn: {FUNCTION}:none"));
    })
    .await;
}
