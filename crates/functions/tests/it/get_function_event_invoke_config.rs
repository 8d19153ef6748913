use crate::common::everywhere;
use serde_json::json;

#[tokio::test]
async fn a_configuration_is_told_once_there_is_one() {
    everywhere(async |world| {
        world.create().await;
        let named = json!({"FunctionName": "f"});
        let (code, _) = world.fault("GetFunctionEventInvokeConfig", named.clone()).await;
        assert_eq!(code, "ResourceNotFoundException");
        let input = json!({"FunctionName": "f", "MaximumRetryAttempts": 1});
        world.ok("PutFunctionEventInvokeConfig", input).await;
        let answer = world.ok("GetFunctionEventInvokeConfig", named).await;
        assert_eq!(answer["MaximumRetryAttempts"], 1);
    })
    .await;
}
