use crate::common::{BASIC, run};
use serde_json::json;

#[tokio::test]
async fn a_policy_is_detached_once() {
    run(async |w| {
        w.user("ada").await;
        let input = json!({"UserName": "ada", "PolicyArn": BASIC});
        w.ok("AttachUserPolicy", input.clone()).await;
        w.ok("DetachUserPolicy", input.clone()).await;
        let (status, code, message) = w.fault("DetachUserPolicy", input).await;
        assert_eq!((status, code.as_str()), (404, "NoSuchEntity"));
        assert_eq!(message, format!("Policy {BASIC} was not found."));
    })
    .await;
}
