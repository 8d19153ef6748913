use crate::common::{everywhere, function};
use serde_json::json;

#[tokio::test]
async fn a_function_is_told_with_its_tags() {
    everywhere(async |world| {
        let mut input = function();
        input["Tags"] = json!({"team": "a"});
        world.ok("CreateFunction", input).await;
        let answer = world.ok("GetFunction", json!({"FunctionName": "f"})).await;
        assert_eq!(answer["Tags"], json!({"team": "a"}));
        assert_eq!(answer["Configuration"]["FunctionName"], "f");
        let (code, message) = world.fault("GetFunction", json!({"FunctionName": "f:1"})).await;
        assert_eq!(code, "ResourceNotFoundException");
        assert!(message.ends_with("function:f:1"), "{message}");
    })
    .await;
}
