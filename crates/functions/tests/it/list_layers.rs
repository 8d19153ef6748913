use crate::{common::everywhere, publish_layer_version::layer};
use serde_json::json;

#[tokio::test]
async fn layers_are_listed_in_pages_with_their_latest_version() {
    everywhere(async |world| {
        for name in ["b", "a", "b"] {
            world.ok("PublishLayerVersion", layer(name, "a", "x")).await;
        }
        let first = world.ok("ListLayers", json!({"MaxItems": 1})).await;
        assert_eq!(first["Layers"][0]["LayerName"], "a");
        let rest = world.ok("ListLayers", json!({"Marker": first["NextMarker"]})).await;
        assert_eq!(rest["Layers"][0]["LayerName"], "b");
        assert_eq!(rest["Layers"][0]["LatestMatchingVersion"]["Version"], 2);
        assert_eq!(rest.get("NextMarker"), None);
    })
    .await;
}
