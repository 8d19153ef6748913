use crate::common::{BASIC, allow, lambda, run};
use serde_json::json;

#[tokio::test]
async fn attachments_are_counted() {
    run(async |w| {
        let arn = w.policy("p", json!([allow("s3:*")])).await;
        w.role("r", lambda()).await;
        w.ok("AttachRolePolicy", json!({"RoleName": "r", "PolicyArn": arn})).await;
        let policy = &w.ok("GetPolicy", json!({"PolicyArn": arn})).await["Policy"];
        assert_eq!((&policy["PolicyName"], &policy["AttachmentCount"]), (&json!("p"), &json!("1")));
        let aws = &w.ok("GetPolicy", json!({"PolicyArn": BASIC})).await["Policy"];
        assert_eq!(aws["PolicyName"], "AWSLambdaBasicExecutionRole");
        let unknown = format!("{arn}x");
        let (status, _, message) = w.fault("GetPolicy", json!({"PolicyArn": unknown})).await;
        assert_eq!((status, message), (404, format!("Policy {unknown} was not found.")));
    })
    .await;
}
