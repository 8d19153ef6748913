use crate::common::{allow, document, lambda, run};
use serde_json::json;

#[tokio::test]
async fn an_inline_policy_is_deleted_once() {
    run(async |w| {
        w.role("ada", lambda()).await;
        let document = document(json!([allow("s3:*")]));
        let input = json!({"RoleName": "ada", "PolicyName": "p", "PolicyDocument": document});
        w.ok("PutRolePolicy", input).await;
        let input = json!({"RoleName": "ada", "PolicyName": "p"});
        w.ok("DeleteRolePolicy", input.clone()).await;
        let (status, code, message) = w.fault("DeleteRolePolicy", input).await;
        assert_eq!((status, code.as_str()), (404, "NoSuchEntity"));
        assert_eq!(message, "The role policy with name p cannot be found.");
    })
    .await;
}
