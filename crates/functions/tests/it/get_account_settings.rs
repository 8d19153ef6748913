use crate::common::everywhere;
use serde_json::json;

#[tokio::test]
async fn use_and_limits_are_told() {
    everywhere(async |world| {
        let function = world.create().await;
        let answer = world.ok("GetAccountSettings", json!({})).await;
        assert_eq!(answer["AccountUsage"]["FunctionCount"], 1);
        assert_eq!(answer["AccountUsage"]["TotalCodeSize"], function["CodeSize"]);
        assert_eq!(answer["AccountLimit"]["ConcurrentExecutions"], 1000);
    })
    .await;
}
