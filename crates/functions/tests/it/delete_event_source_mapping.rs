use crate::common::{QUEUE, everywhere};
use serde_json::json;

#[tokio::test]
async fn a_mapping_is_deleted_once() {
    everywhere(async |world| {
        world.create().await;
        let input = json!({"EventSourceArn": QUEUE, "FunctionName": "f"});
        let made = world.ok("CreateEventSourceMapping", input).await;
        let named = json!({"UUID": made["UUID"]});
        let answer = world.ok("DeleteEventSourceMapping", named.clone()).await;
        assert_eq!(answer["State"], "Deleting");
        let (code, _) = world.fault("DeleteEventSourceMapping", named).await;
        assert_eq!(code, "ResourceNotFoundException");
    })
    .await;
}
