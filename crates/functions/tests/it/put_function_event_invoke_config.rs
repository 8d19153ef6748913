use crate::common::{QUEUE, everywhere};
use serde_json::json;

#[tokio::test]
async fn a_configuration_is_put_anew() {
    everywhere(async |world| {
        world.create().await;
        let input = json!({"FunctionName": "f", "MaximumRetryAttempts": 0, "DestinationConfig":
            {"OnSuccess": {"Destination": QUEUE}}});
        let answer = world.ok("PutFunctionEventInvokeConfig", input).await;
        assert_eq!(answer["DestinationConfig"]["OnSuccess"]["Destination"], QUEUE);
        let input = json!({"FunctionName": "f", "MaximumEventAgeInSeconds": 60, "DestinationConfig":
            {"OnFailure": {"Destination": ""}}});
        let answer = world.ok("PutFunctionEventInvokeConfig", input).await;
        assert_eq!(answer.get("MaximumRetryAttempts"), None);
        let function = "arn:aws:lambda:eu-central-1:000000000000:function:f";
        let input = json!({"FunctionName": "f", "DestinationConfig":
            {"OnSuccess": {"Destination": function}}});
        let answer = world.ok("PutFunctionEventInvokeConfig", input).await;
        assert_eq!(answer["DestinationConfig"]["OnSuccess"]["Destination"], function);
        let topic = "arn:aws:sns:eu-central-1:000000000000:t";
        let input = json!({"FunctionName": "f", "DestinationConfig":
            {"OnFailure": {"Destination": topic}}});
        let (code, _) = world.fault("PutFunctionEventInvokeConfig", input).await;
        assert_eq!(code, "UnsupportedOperation");
    })
    .await;
}
