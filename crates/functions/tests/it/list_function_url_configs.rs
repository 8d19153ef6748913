use crate::common::everywhere;
use serde_json::json;

#[tokio::test]
async fn at_most_one_url_is_listed() {
    everywhere(async |world| {
        world.create().await;
        let input = json!({"FunctionName": "f", "AuthType": "AWS_IAM"});
        let named = json!({"FunctionName": "f"});
        let none = world.ok("ListFunctionUrlConfigs", named.clone()).await;
        assert_eq!(none["FunctionUrlConfigs"], json!([]));
        world.ok("CreateFunctionUrlConfig", input).await;
        let one = world.ok("ListFunctionUrlConfigs", named).await;
        assert_eq!(one["FunctionUrlConfigs"][0]["AuthType"], "AWS_IAM");
    })
    .await;
}
