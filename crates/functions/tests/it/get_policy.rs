use crate::common::everywhere;
use serde_json::{Value, json};

#[tokio::test]
async fn a_policy_is_told_once_there_is_one() {
    everywhere(async |world| {
        world.create().await;
        let named = json!({"FunctionName": "f"});
        assert_eq!(world.fault("GetPolicy", named.clone()).await.0, "ResourceNotFoundException");
        let input = json!({"FunctionName": "f", "StatementId": "s3", "SourceArn": "arn:aws:s3:::b",
            "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"});
        world.ok("AddPermission", input).await;
        let answer = world.ok("GetPolicy", named.clone()).await;
        let policy: Value = serde_json::from_str(answer["Policy"].as_str().unwrap()).unwrap();
        assert_eq!(policy["Statement"][0]["Principal"], json!({"Service": "s3.amazonaws.com"}));
        let known = world.ok("GetFunctionConfiguration", named).await;
        assert_eq!(answer["RevisionId"], known["RevisionId"]);
    })
    .await;
}
