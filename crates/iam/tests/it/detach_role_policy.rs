use crate::common::{BASIC, lambda, run};
use serde_json::json;

#[tokio::test]
async fn a_policy_is_detached_once() {
    run(async |w| {
        w.role("ada", lambda()).await;
        let input = json!({"RoleName": "ada", "PolicyArn": BASIC});
        w.ok("AttachRolePolicy", input.clone()).await;
        w.ok("DetachRolePolicy", input.clone()).await;
        let (status, code, message) = w.fault("DetachRolePolicy", input).await;
        assert_eq!((status, code.as_str()), (404, "NoSuchEntity"));
        assert_eq!(message, format!("Policy {BASIC} was not found."));
    })
    .await;
}
