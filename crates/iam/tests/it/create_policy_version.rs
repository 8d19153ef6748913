use crate::common::{allow, document, run};
use serde_json::json;

#[tokio::test]
async fn a_new_default_version_counts_at_once_for_everybody() {
    run(async |w| {
        let ada = w.user("ada").await;
        let arn = w.policy("p", json!([allow("iam:ListUsers")])).await;
        w.ok("AttachUserPolicy", json!({"UserName": "ada", "PolicyArn": arn})).await;
        ada.ok("ListUsers", json!({})).await;
        let document = document(json!([allow("iam:ListRoles")]));
        let input = json!({"PolicyArn": arn, "PolicyDocument": document, "SetAsDefault": true});
        let version = &w.ok("CreatePolicyVersion", input).await["PolicyVersion"];
        assert_eq!(
            (&version["VersionId"], &version["IsDefaultVersion"]),
            (&json!("v2"), &json!("true"))
        );
        assert_eq!(ada.code("ListUsers", json!({})).await, "AccessDenied");
        ada.ok("ListRoles", json!({})).await;
    })
    .await;
}

#[tokio::test]
async fn a_sixth_version_is_refused() {
    run(async |w| {
        let arn = w.policy("p", json!([allow("s3:*")])).await;
        let input = json!({"PolicyArn": arn, "PolicyDocument": document(json!([allow("s3:*")]))});
        for _ in 0..4 {
            w.ok("CreatePolicyVersion", input.clone()).await;
        }
        let (status, code, _) = w.fault("CreatePolicyVersion", input).await;
        assert_eq!((status, code.as_str()), (409, "LimitExceeded"));
    })
    .await;
}
