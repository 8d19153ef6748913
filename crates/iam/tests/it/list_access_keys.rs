use crate::common::{allow, run};
use serde_json::json;

#[tokio::test]
async fn keys_are_listed_without_their_secrets() {
    run(async |w| {
        let ada = w.user_with("ada", json!([allow("iam:ListAccessKeys")])).await;
        let (status, text) = ada.send("ListAccessKeys", &json!({})).await;
        assert!(status == 200 && text.contains("<UserName>ada</UserName>"), "{text}");
        assert!(!text.contains("Secret"), "{text}");
        let root = w.ok("ListAccessKeys", json!({})).await;
        assert_eq!(root["AccessKeyMetadata"].as_array().map(Vec::len), Some(1));
    })
    .await;
}
