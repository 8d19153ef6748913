use crate::common::{FUNCTION, QUEUE, everywhere};
use serde_json::json;

/// Texts as AWS gave them to LocalStack's validated tests (`test_lambda_eventinvokeconfig_exceptions`).
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
        for (destination, text) in [
            (FUNCTION, "You can't specify the function as a destination for itself.".to_owned()),
            (
                "arn:aws:lambda:eu-central-1:000000000000:function:none",
                "The destination ARN arn:aws:lambda:eu-central-1:000000000000:function:none is \
                 invalid."
                    .to_owned(),
            ),
        ] {
            let input = json!({"FunctionName": "f", "DestinationConfig":
                {"OnSuccess": {"Destination": destination}}});
            assert_eq!(world.fault("PutFunctionEventInvokeConfig", input).await.1, text);
        }
        let empty = json!({"FunctionName": "f"});
        let (_, text) = world.fault("PutFunctionEventInvokeConfig", empty).await;
        let expected = "You must specify at least one of error handling or destination setting.";
        assert_eq!(text, expected);
        let mut other = crate::common::function();
        other["FunctionName"] = "g".into();
        world.ok("CreateFunction", other).await;
        let function = "arn:aws:lambda:eu-central-1:000000000000:function:g";
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
