use crate::{common::everywhere, publish_layer_version::layer};
use serde_json::{Value, json};

#[tokio::test]
async fn a_policy_is_told_with_all_its_statements() {
    everywhere(async |world| {
        world.ok("PublishLayerVersion", layer("tools", "a", "x")).await;
        for id in ["s1", "s2"] {
            let input = json!({"LayerName": "tools", "VersionNumber": 1, "StatementId": id,
                "Action": "lambda:GetLayerVersion", "Principal": "111111111111"});
            world.ok("AddLayerVersionPermission", input).await;
        }
        let input = json!({"LayerName": "tools", "VersionNumber": 1});
        let policy = world.ok("GetLayerVersionPolicy", input).await;
        let policy: Value = serde_json::from_str(policy["Policy"].as_str().unwrap()).unwrap();
        assert_eq!(policy["Statement"][1]["Sid"], "s2");
        let root = "arn:aws:iam::111111111111:root";
        assert_eq!(policy["Statement"][1]["Principal"]["AWS"], root);
    })
    .await;
}
