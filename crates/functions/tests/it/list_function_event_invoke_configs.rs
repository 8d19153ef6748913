use crate::common::everywhere;
use serde_json::json;

#[tokio::test]
async fn at_most_one_configuration_is_listed() {
    everywhere(async |world| {
        world.create().await;
        let input = json!({"FunctionName": "f", "MaximumRetryAttempts": 1});
        world.ok("PutFunctionEventInvokeConfig", input).await;
        let named = json!({"FunctionName": "f"});
        let answer = world.ok("ListFunctionEventInvokeConfigs", named).await;
        assert_eq!(answer["FunctionEventInvokeConfigs"][0]["MaximumRetryAttempts"], 1);
    })
    .await;
}
