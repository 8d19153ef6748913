use crate::common::everywhere;
use serde_json::json;

#[tokio::test]
async fn a_url_is_told_once_there_is_one() {
    everywhere(async |world| {
        world.create().await;
        let input = json!({"FunctionName": "f", "AuthType": "AWS_IAM"});
        let (code, _) = world.fault("GetFunctionUrlConfig", json!({"FunctionName": "f"})).await;
        assert_eq!(code, "ResourceNotFoundException");
        let made = world.ok("CreateFunctionUrlConfig", input).await;
        let found = world.ok("GetFunctionUrlConfig", json!({"FunctionName": "f"})).await;
        assert_eq!(made["FunctionUrl"], found["FunctionUrl"]);
    })
    .await;
}
