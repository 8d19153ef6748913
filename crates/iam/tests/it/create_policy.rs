use crate::common::{allow, document, run};
use serde_json::json;
use testkit::ACCOUNT;

#[tokio::test]
async fn a_policy_begins_with_its_first_version() {
    run(async |w| {
        let input = json!({"PolicyName": "p", "Path": "/team/", "Description": "d",
            "PolicyDocument": document(json!([allow("s3:*")]))});
        let policy = &w.ok("CreatePolicy", input.clone()).await["Policy"];
        assert_eq!(policy["Arn"], format!("arn:aws:iam::{ACCOUNT}:policy/team/p"));
        assert_eq!(
            (&policy["DefaultVersionId"], &policy["AttachmentCount"]),
            (&json!("v1"), &json!("0"))
        );
        assert!(policy["PolicyId"].as_str().unwrap().starts_with("ANPA"));
        let (status, code, message) = w.fault("CreatePolicy", input).await;
        assert_eq!((status, code.as_str()), (409, "EntityAlreadyExists"));
        assert_eq!(message, "A policy called p already exists. Duplicate names are not allowed.");
    })
    .await;
}

#[tokio::test]
async fn a_policy_over_its_quota_is_refused() {
    run(async |w| {
        let resource = format!("arn:aws:s3:::{}", "a".repeat(6_144));
        let statement = json!({"Effect": "Allow", "Action": "s3:*", "Resource": resource});
        let input = json!({"PolicyName": "p", "PolicyDocument": document(statement)});
        let (status, code, message) = w.fault("CreatePolicy", input).await;
        assert_eq!((status, code.as_str()), (409, "LimitExceeded"));
        assert_eq!(message, "Cannot exceed quota for PolicySize: 6144");
    })
    .await;
}
