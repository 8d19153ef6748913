use crate::common::{decoded, lambda, run};
use serde_json::json;

#[tokio::test]
async fn a_role_is_shown_with_its_trust_policy() {
    run(async |w| {
        w.role("r", lambda()).await;
        let role = &w.ok("GetRole", json!({"RoleName": "r"})).await["Role"];
        assert_eq!(decoded(&role["AssumeRolePolicyDocument"])["Statement"]["Principal"], lambda());
        let (status, code, message) = w.fault("GetRole", json!({"RoleName": "none"})).await;
        assert_eq!((status, code.as_str()), (404, "NoSuchEntity"));
        assert_eq!(message, "The role with name none cannot be found.");
    })
    .await;
}
