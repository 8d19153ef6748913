use crate::common::everywhere;
use serde_json::json;

#[tokio::test]
async fn a_function_is_stopped_in_loops_by_default() {
    everywhere(async |world| {
        world.create().await;
        let of = json!({"FunctionName": "f"});
        let told = world.ok("GetFunctionRecursionConfig", of.clone()).await;
        assert_eq!(told, json!({"RecursiveLoop": "Terminate"}));
        let input = json!({"FunctionName": "f", "RecursiveLoop": "Allow"});
        world.ok("PutFunctionRecursionConfig", input).await;
        // What else is changed does not change it.
        let timeout = json!({"FunctionName": "f", "Timeout": 9});
        world.ok("UpdateFunctionConfiguration", timeout).await;
        let told = world.ok("GetFunctionRecursionConfig", of).await;
        assert_eq!(told, json!({"RecursiveLoop": "Allow"}));
        let gone = json!({"FunctionName": "none"});
        let (code, _) = world.fault("GetFunctionRecursionConfig", gone).await;
        assert_eq!(code, "ResourceNotFoundException");
    })
    .await;
}
