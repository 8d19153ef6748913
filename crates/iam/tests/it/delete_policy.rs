use crate::common::{ADMIN, allow, document, run};
use serde_json::json;

#[tokio::test]
async fn a_policy_is_deleted_when_nobody_uses_it() {
    run(async |w| {
        let arn = w.policy("p", json!([allow("s3:*")])).await;
        w.user("ada").await;
        let attached = json!({"UserName": "ada", "PolicyArn": arn});
        w.ok("AttachUserPolicy", attached.clone()).await;
        let (status, code, message) = w.fault("DeletePolicy", json!({"PolicyArn": arn})).await;
        assert_eq!((status, code.as_str()), (409, "DeleteConflict"));
        assert_eq!(message, "Cannot delete a policy attached to entities.");
        w.ok("DetachUserPolicy", attached).await;
        let document = document(json!([allow("sqs:*")]));
        w.ok("CreatePolicyVersion", json!({"PolicyArn": arn, "PolicyDocument": document})).await;
        assert_eq!(w.fault("DeletePolicy", json!({"PolicyArn": arn})).await.1, "DeleteConflict");
        w.ok("DeletePolicyVersion", json!({"PolicyArn": arn, "VersionId": "v2"})).await;
        w.ok("DeletePolicy", json!({"PolicyArn": arn})).await;
        assert_eq!(w.fault("GetPolicy", json!({"PolicyArn": arn})).await.1, "NoSuchEntity");
    })
    .await;
}

#[tokio::test]
async fn another_policy_of_the_same_name_gives_nothing_of_the_old_one() {
    run(async |w| {
        let ada = w.user("ada").await;
        let give = async |action: &str| {
            let arn = w.policy("p", json!([allow(action)])).await;
            w.ok("AttachUserPolicy", json!({"UserName": "ada", "PolicyArn": arn})).await;
            arn
        };
        let arn = give("iam:ListUsers").await;
        ada.ok("ListUsers", json!({})).await;
        w.ok("DetachUserPolicy", json!({"UserName": "ada", "PolicyArn": arn})).await;
        w.ok("DeletePolicy", json!({"PolicyArn": arn})).await;
        give("iam:ListRoles").await;
        assert_eq!(ada.code("ListUsers", json!({})).await, "AccessDenied");
        ada.ok("ListRoles", json!({})).await;
    })
    .await;
}

#[tokio::test]
async fn what_aws_manages_cannot_be_deleted() {
    run(async |w| {
        let (status, code, _) = w.fault("DeletePolicy", json!({"PolicyArn": ADMIN})).await;
        assert_eq!((status, code.as_str()), (403, "AccessDenied"));
    })
    .await;
}
