use crate::common::{BASIC, allow, column, run};
use serde_json::json;

#[tokio::test]
async fn a_managed_policy_is_attached_to_a_user_once() {
    run(async |w| {
        w.user("ada").await;
        w.ok("AttachUserPolicy", json!({"UserName": "ada", "PolicyArn": BASIC})).await;
        w.ok("AttachUserPolicy", json!({"UserName": "ada", "PolicyArn": BASIC})).await;
        let list = w.ok("ListAttachedUserPolicies", json!({"UserName": "ada"})).await;
        assert_eq!(column(&list["AttachedPolicies"], "PolicyArn"), [BASIC]);
    })
    .await;
}

#[tokio::test]
async fn an_unknown_managed_policy_is_no_policy() {
    run(async |w| {
        w.user("ada").await;
        let unknown = "arn:aws:iam::aws:policy/NoSuchThing";
        let (status, code, message) =
            w.fault("AttachUserPolicy", json!({"UserName": "ada", "PolicyArn": unknown})).await;
        assert_eq!((status, code.as_str()), (404, "NoSuchEntity"));
        assert_eq!(message, format!("Policy {unknown} does not exist or is not attachable."));
        let (_, code, _) = w
            .fault(
                "AttachUserPolicy",
                json!({"UserName": "ada", "PolicyArn": "arn:aws:sqs:eu-1:1:queue"}),
            )
            .await;
        assert_eq!(code, "InvalidInput");
    })
    .await;
}

#[tokio::test]
async fn a_user_has_ten_managed_policies_at_most() {
    run(async |w| {
        w.user("ada").await;
        for number in 0..11 {
            let arn = w.policy(&format!("p{number}"), json!([allow("s3:*")])).await;
            let input = json!({"UserName": "ada", "PolicyArn": arn});
            if number < 10 {
                w.ok("AttachUserPolicy", input).await;
            } else {
                let (status, code, message) = w.fault("AttachUserPolicy", input).await;
                assert_eq!((status, code.as_str()), (409, "LimitExceeded"));
                assert_eq!(message, "Cannot exceed quota for PoliciesPerUser: 10");
            }
        }
    })
    .await;
}
