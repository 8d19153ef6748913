use crate::common::{allow, decoded, document, lambda, run};
use serde_json::json;

#[tokio::test]
async fn an_inline_policy_replaces_one_of_its_name() {
    run(async |w| {
        w.role("ada", lambda()).await;
        for action in ["s3:GetObject", "s3:PutObject"] {
            let document = document(json!([allow(action)]));
            let input = json!({"RoleName": "ada", "PolicyName": "p", "PolicyDocument": document});
            w.ok("PutRolePolicy", input).await;
        }
        let got = w.ok("GetRolePolicy", json!({"RoleName": "ada", "PolicyName": "p"})).await;
        let statement = &decoded(&got["PolicyDocument"])["Statement"][0];
        assert_eq!(statement["Action"], "s3:PutObject");
    })
    .await;
}

#[tokio::test]
async fn a_malformed_policy_is_refused() {
    run(async |w| {
        w.role("ada", lambda()).await;
        for document in ["{", "{}", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Maybe"}]}"#]
        {
            let input = json!({"RoleName": "ada", "PolicyName": "p", "PolicyDocument": document});
            let (status, code, _) = w.fault("PutRolePolicy", input).await;
            assert_eq!((status, code.as_str()), (400, "MalformedPolicyDocument"));
        }
    })
    .await;
}

#[tokio::test]
async fn the_inline_policies_of_a_role_have_a_limit() {
    run(async |w| {
        w.role("ada", lambda()).await;
        let statement = json!({"Effect": "Allow", "Action": "s3:*", "Resource": format!("arn:aws:s3:::{}", "a".repeat(10240))});
        let input = json!({"RoleName": "ada", "PolicyName": "p", "PolicyDocument": document(statement)});
        let (status, code, message) = w.fault("PutRolePolicy", input).await;
        assert_eq!((status, code.as_str()), (409, "LimitExceeded"));
        assert_eq!(message, "Maximum policy size of 10240 bytes exceeded for role ada");
    })
    .await;
}
