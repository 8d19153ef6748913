use crate::common::{QUEUE, everywhere};
use serde_json::json;

#[tokio::test]
async fn a_mapping_is_told_in_its_state() {
    everywhere(async |world| {
        world.create().await;
        let input = json!({"EventSourceArn": QUEUE, "FunctionName": "f"});
        let made = world.ok("CreateEventSourceMapping", input).await;
        let found = world.ok("GetEventSourceMapping", json!({"UUID": made["UUID"]})).await;
        assert_eq!((&found["State"], &found["BatchSize"]), (&json!("Enabled"), &json!(10)));
        let unknown = "00000000-0000-4000-8000-000000000000";
        let (code, _) = world.fault("GetEventSourceMapping", json!({"UUID": unknown})).await;
        assert_eq!(code, "ResourceNotFoundException");
    })
    .await;
}
