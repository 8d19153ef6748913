use crate::{common::everywhere, publish_layer_version::layer};
use serde_json::json;

#[tokio::test]
async fn a_version_that_is_gone_is_deleted() {
    everywhere(async |world| {
        world.ok("PublishLayerVersion", layer("tools", "a", "x")).await;
        for _ in 0..2 {
            let input = json!({"LayerName": "tools", "VersionNumber": 1});
            world.ok("DeleteLayerVersion", input).await;
        }
        assert_eq!(world.ok("ListLayers", json!({})).await["Layers"], json!([]));
    })
    .await;
}
