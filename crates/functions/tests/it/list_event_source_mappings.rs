use crate::common::{QUEUE, everywhere};
use serde_json::json;

#[tokio::test]
async fn mappings_are_listed_by_function_and_source() {
    everywhere(async |world| {
        world.create().await;
        let input = json!({"EventSourceArn": QUEUE, "FunctionName": "f"});
        let made = world.ok("CreateEventSourceMapping", input).await;
        for (filter, count) in [
            (json!({}), 1),
            (json!({"FunctionName": "f", "EventSourceArn": QUEUE}), 1),
            (json!({"FunctionName": "g"}), 0),
            (json!({"EventSourceArn": format!("{QUEUE}2")}), 0),
        ] {
            let found = world.ok("ListEventSourceMappings", filter.clone()).await;
            let mappings = found["EventSourceMappings"].as_array().unwrap();
            assert_eq!(mappings.len(), count, "{filter}");
            assert!(mappings.iter().all(|one| one["UUID"] == made["UUID"]));
        }
    })
    .await;
}
