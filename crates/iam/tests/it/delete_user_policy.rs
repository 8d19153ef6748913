use crate::common::{allow, document, run};
use serde_json::json;

#[tokio::test]
async fn an_inline_policy_is_deleted_once() {
    run(async |w| {
        w.user("ada").await;
        let document = document(json!([allow("s3:*")]));
        let input = json!({"UserName": "ada", "PolicyName": "p", "PolicyDocument": document});
        w.ok("PutUserPolicy", input).await;
        let input = json!({"UserName": "ada", "PolicyName": "p"});
        w.ok("DeleteUserPolicy", input.clone()).await;
        let (status, code, message) = w.fault("DeleteUserPolicy", input).await;
        assert_eq!((status, code.as_str()), (404, "NoSuchEntity"));
        assert_eq!(message, "The user policy with name p cannot be found.");
    })
    .await;
}
