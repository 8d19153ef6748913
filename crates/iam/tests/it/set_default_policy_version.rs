use crate::common::{allow, deny, document, run};
use serde_json::json;

#[tokio::test]
async fn an_older_version_comes_back_into_force() {
    run(async |w| {
        let ada = w.user("ada").await;
        let arn = w.policy("p", json!([allow("iam:ListUsers")])).await;
        w.ok("AttachUserPolicy", json!({"UserName": "ada", "PolicyArn": arn})).await;
        let document = document(json!([deny("iam:*")]));
        w.ok("CreatePolicyVersion", json!({"PolicyArn": arn, "PolicyDocument": document})).await;
        ada.ok("ListUsers", json!({})).await;
        w.ok("SetDefaultPolicyVersion", json!({"PolicyArn": arn, "VersionId": "v2"})).await;
        assert_eq!(ada.code("ListUsers", json!({})).await, "AccessDenied");
        w.ok("SetDefaultPolicyVersion", json!({"PolicyArn": arn, "VersionId": "v1"})).await;
        ada.ok("ListUsers", json!({})).await;
    })
    .await;
}
