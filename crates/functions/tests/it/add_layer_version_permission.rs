use crate::{
    common::{LAYER, everywhere},
    publish_layer_version::layer,
};
use serde_json::{Value, json};

/// Texts as AWS gave them to LocalStack's validated tests (`test_layer_policy_exceptions`).
#[tokio::test]
async fn a_layer_version_has_a_policy() {
    everywhere(async |world| {
        world.ok("PublishLayerVersion", layer("tools", "a", "x")).await;
        let of = json!({"LayerName": "tools", "VersionNumber": 1});
        let (code, text) = world.fault("GetLayerVersionPolicy", of.clone()).await;
        assert_eq!(code, "ResourceNotFoundException");
        assert_eq!(text, "No policy is associated with the given resource.");
        let mut add = of.clone();
        for (name, value) in
            [("StatementId", "s1"), ("Action", "lambda:GetLayerVersion"), ("Principal", "*")]
        {
            add[name] = value.into();
        }
        let added = world.ok("AddLayerVersionPermission", add.clone()).await;
        let statement: Value = serde_json::from_str(added["Statement"].as_str().unwrap()).unwrap();
        let resource = format!("{LAYER}:1");
        let expected = json!({"Sid": "s1", "Effect": "Allow", "Principal": "*",
            "Action": "lambda:GetLayerVersion", "Resource": resource});
        assert_eq!(statement, expected);
        let (code, _) = world.fault("AddLayerVersionPermission", add.clone()).await;
        assert_eq!(code, "ResourceConflictException");
        add["StatementId"] = "s2".into();
        add["RevisionId"] = "other".into();
        let (code, text) = world.fault("AddLayerVersionPermission", add).await;
        assert_eq!(code, "PreconditionFailedException");
        assert!(text.contains("GetLayerPolicy API"), "{text}");
        let policy = world.ok("GetLayerVersionPolicy", of).await;
        assert_eq!(policy["RevisionId"], added["RevisionId"]);
        let missing = json!({"LayerName": "tools", "VersionNumber": 2});
        let (_, text) = world.fault("GetLayerVersionPolicy", missing).await;
        assert_eq!(text, format!("Layer version {LAYER}:2 does not exist."));
    })
    .await;
}
