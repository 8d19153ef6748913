use crate::common::{BASIC, allow, column, lambda, run};
use serde_json::json;

#[tokio::test]
async fn a_managed_policy_is_attached_to_a_role_once() {
    run(async |w| {
        w.role("ada", lambda()).await;
        w.ok("AttachRolePolicy", json!({"RoleName": "ada", "PolicyArn": BASIC})).await;
        w.ok("AttachRolePolicy", json!({"RoleName": "ada", "PolicyArn": BASIC})).await;
        let list = w.ok("ListAttachedRolePolicies", json!({"RoleName": "ada"})).await;
        assert_eq!(column(&list["AttachedPolicies"], "PolicyArn"), [BASIC]);
    })
    .await;
}

#[tokio::test]
async fn an_unknown_managed_policy_is_no_policy() {
    run(async |w| {
        w.role("ada", lambda()).await;
        let unknown = "arn:aws:iam::aws:policy/NoSuchThing";
        let (status, code, message) =
            w.fault("AttachRolePolicy", json!({"RoleName": "ada", "PolicyArn": unknown})).await;
        assert_eq!((status, code.as_str()), (404, "NoSuchEntity"));
        assert_eq!(message, format!("Policy {unknown} does not exist or is not attachable."));
        let (_, code, _) = w
            .fault(
                "AttachRolePolicy",
                json!({"RoleName": "ada", "PolicyArn": "arn:aws:sqs:eu-1:1:queue"}),
            )
            .await;
        assert_eq!(code, "InvalidInput");
    })
    .await;
}

#[tokio::test]
async fn a_role_has_ten_managed_policies_at_most() {
    run(async |w| {
        w.role("ada", lambda()).await;
        for number in 0..11 {
            let arn = w.policy(&format!("p{number}"), json!([allow("s3:*")])).await;
            let input = json!({"RoleName": "ada", "PolicyArn": arn});
            if number < 10 {
                w.ok("AttachRolePolicy", input).await;
            } else {
                let (status, code, message) = w.fault("AttachRolePolicy", input).await;
                assert_eq!((status, code.as_str()), (409, "LimitExceeded"));
                assert_eq!(message, "Cannot exceed quota for PoliciesPerRole: 10");
            }
        }
    })
    .await;
}
