use crate::{common::everywhere, publish_layer_version::layer};
use serde_json::json;

#[tokio::test]
async fn an_arn_names_a_version() {
    everywhere(async |world| {
        let made = world.ok("PublishLayerVersion", layer("tools", "a", "x")).await;
        let input = json!({"Arn": made["LayerVersionArn"]});
        assert_eq!(world.ok("GetLayerVersionByArn", input).await, made);
    })
    .await;
}
