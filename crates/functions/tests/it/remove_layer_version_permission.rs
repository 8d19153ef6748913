use crate::{common::everywhere, publish_layer_version::layer};
use serde_json::json;

#[tokio::test]
async fn a_statement_is_removed_by_its_id() {
    everywhere(async |world| {
        world.ok("PublishLayerVersion", layer("tools", "a", "x")).await;
        let of = json!({"LayerName": "tools", "VersionNumber": 1, "StatementId": "s"});
        let (code, text) = world.fault("RemoveLayerVersionPermission", of.clone()).await;
        assert_eq!(code, "ResourceNotFoundException");
        assert_eq!(text, "Statement s is not found in resource policy.");
        let mut add = of.clone();
        add["Action"] = "lambda:GetLayerVersion".into();
        add["Principal"] = "*".into();
        world.ok("AddLayerVersionPermission", add).await;
        world.ok("RemoveLayerVersionPermission", of.clone()).await;
        let (code, _) = world.fault("RemoveLayerVersionPermission", of).await;
        assert_eq!(code, "ResourceNotFoundException");
    })
    .await;
}
