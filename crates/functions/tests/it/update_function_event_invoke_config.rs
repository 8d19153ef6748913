use crate::common::everywhere;
use serde_json::json;

#[tokio::test]
async fn what_is_absent_stays() {
    everywhere(async |world| {
        world.create().await;
        let input = json!({"FunctionName": "f", "MaximumRetryAttempts": 1});
        world.ok("PutFunctionEventInvokeConfig", input).await;
        let input = json!({"FunctionName": "f", "MaximumEventAgeInSeconds": 60});
        let answer = world.ok("UpdateFunctionEventInvokeConfig", input).await;
        assert_eq!(answer["MaximumRetryAttempts"], 1);
        assert_eq!(answer["MaximumEventAgeInSeconds"], 60);
    })
    .await;
}
