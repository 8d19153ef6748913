use crate::common::{QUEUE, everywhere};
use serde_json::json;

#[tokio::test]
async fn a_mapping_is_switched_off_and_keeps_the_rest() {
    everywhere(async |world| {
        world.create().await;
        let input = json!({"EventSourceArn": QUEUE, "FunctionName": "f"});
        let made = world.ok("CreateEventSourceMapping", input).await;
        let input = json!({"UUID": made["UUID"], "Enabled": false});
        assert_eq!(world.ok("UpdateEventSourceMapping", input).await["State"], "Updating");
        let found = world.ok("GetEventSourceMapping", json!({"UUID": made["UUID"]})).await;
        assert_eq!((&found["State"], &found["BatchSize"]), (&json!("Disabled"), &json!(10)));
        let input = json!({"UUID": made["UUID"], "BatchSize": 11});
        let (code, _) = world.fault("UpdateEventSourceMapping", input).await;
        assert_eq!(code, "InvalidParameterValueException");
    })
    .await;
}
