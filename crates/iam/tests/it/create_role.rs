use crate::common::{allow, decoded, document, lambda, run, trust};
use serde_json::json;
use testkit::ACCOUNT;

#[tokio::test]
async fn a_role_has_its_trust_policy_and_defaults() {
    run(async |w| {
        let input = json!({"RoleName": "r", "AssumeRolePolicyDocument": trust(lambda())});
        let role = &w.ok("CreateRole", input.clone()).await["Role"];
        assert_eq!(role["Arn"], format!("arn:aws:iam::{ACCOUNT}:role/r"));
        assert!(role["RoleId"].as_str().unwrap().starts_with("AROA"));
        assert_eq!((&role["Path"], &role["MaxSessionDuration"]), (&json!("/"), &json!("3600")));
        let document = decoded(&role["AssumeRolePolicyDocument"]);
        assert_eq!(document["Statement"]["Principal"], lambda());
        let (status, code, message) = w.fault("CreateRole", input).await;
        assert_eq!((status, code.as_str()), (409, "EntityAlreadyExists"));
        assert_eq!(message, "Role with name r already exists.");
    })
    .await;
}

#[tokio::test]
async fn a_trust_policy_needs_a_principal() {
    run(async |w| {
        let input = json!({"RoleName": "r", "AssumeRolePolicyDocument": document(json!([allow("sts:AssumeRole")]))});
        assert_eq!(w.fault("CreateRole", input).await.1, "MalformedPolicyDocument");
    })
    .await;
}
