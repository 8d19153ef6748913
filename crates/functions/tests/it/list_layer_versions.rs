use crate::{
    common::{LAYER, everywhere},
    publish_layer_version::layer,
};
use serde_json::{Value, json};

#[tokio::test]
async fn versions_are_listed_from_the_latest_on() {
    everywhere(async |world| {
        for _ in 0..3 {
            world.ok("PublishLayerVersion", layer("tools", "a", "x")).await;
        }
        let numbers = |page: &Value| -> Vec<u64> {
            let versions = page["LayerVersions"].as_array().unwrap().iter();
            versions.map(|version| version["Version"].as_u64().unwrap()).collect()
        };
        let first = world.ok("ListLayerVersions", json!({"LayerName": LAYER, "MaxItems": 2})).await;
        assert_eq!(numbers(&first), [3, 2]);
        let input = json!({"LayerName": "tools", "Marker": first["NextMarker"]});
        assert_eq!(numbers(&world.ok("ListLayerVersions", input).await), [1]);
        let input = json!({"LayerName": "tools", "CompatibleRuntime": "nodejs22.x"});
        assert!(numbers(&world.ok("ListLayerVersions", input).await).is_empty());
        let input = json!({"LayerName": "none"});
        assert!(numbers(&world.ok("ListLayerVersions", input).await).is_empty());
    })
    .await;
}
