use crate::common::everywhere;
use serde_json::json;

#[tokio::test]
async fn a_configuration_is_deleted_once() {
    everywhere(async |world| {
        world.create().await;
        let input = json!({"FunctionName": "f", "MaximumRetryAttempts": 1});
        world.ok("PutFunctionEventInvokeConfig", input).await;
        let named = json!({"FunctionName": "f"});
        world.ok("DeleteFunctionEventInvokeConfig", named.clone()).await;
        let (code, _) = world.fault("DeleteFunctionEventInvokeConfig", named).await;
        assert_eq!(code, "ResourceNotFoundException");
    })
    .await;
}
