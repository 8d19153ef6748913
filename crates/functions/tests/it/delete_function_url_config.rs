use crate::common::everywhere;
use serde_json::json;

#[tokio::test]
async fn a_url_that_was_taken_away_answers_nobody() {
    everywhere(async |world| {
        world.create().await;
        let input = json!({"FunctionName": "f", "AuthType": "AWS_IAM"});
        let made = world.ok("CreateFunctionUrlConfig", input).await;
        let path = made["FunctionUrl"].as_str().unwrap().replace("http://127.0.0.1:4566", "");
        assert_eq!(world.bed.root().rest("lambda", "GET", &path, "".into()).await.status, 200);
        world.ok("DeleteFunctionUrlConfig", json!({"FunctionName": "f"})).await;
        assert_eq!(world.bed.root().rest("lambda", "GET", &path, "".into()).await.status, 403);
    })
    .await;
}
