use crate::common::{World, everywhere};
use serde_json::json;

#[tokio::test]
async fn the_format_of_the_log_is_set_as_a_whole_and_told() {
    let world = World::in_memory();
    let text = json!({"LogFormat": "Text", "LogGroup": "/aws/lambda/f"});
    assert_eq!(world.create().await["LoggingConfig"], text);
    let update = async |config| {
        let input = json!({"FunctionName": "f", "LoggingConfig": config});
        world.ok("UpdateFunctionConfiguration", input).await["LoggingConfig"].take()
    };
    let told =
        update(json!({"LogFormat": "JSON", "LogGroup": "g", "SystemLogLevel": "WARN"})).await;
    assert_eq!(
        told,
        json!({
            "LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "WARN",
            "LogGroup": "g",
        })
    );
    let order = json!({"environment": "AWS_LAMBDA_LOG_LEVEL"});
    assert_eq!(world.invoke("RequestResponse", &order).await.json(), "INFO");
    assert_eq!(update(json!({})).await, text);

    let levels = json!({"LogFormat": "Text", "ApplicationLogLevel": "INFO"});
    let input = json!({"FunctionName": "f", "LoggingConfig": levels});
    let (code, message) = world.fault("UpdateFunctionConfiguration", input).await;
    assert_eq!(code, "InvalidParameterValueException");
    assert_eq!(
        message,
        "LogLevel is not supported when LogFormat is set to \"Text\". Remove LogLevel from your \
         request or change the LogFormat to \"JSON\" and try again."
    );
}

#[tokio::test]
async fn a_configuration_changes_where_it_is_told_and_runs_at_once() {
    everywhere(async |world| {
        world.create().await;
        let order = json!({"environment": "COLOUR"});
        assert_eq!(world.invoke("RequestResponse", &order).await.json(), json!(null));
        let variables = json!({"Variables": {"COLOUR": "green"}});
        let input = json!({"FunctionName": "f", "Environment": variables, "Timeout": 7});
        let answer = world.ok("UpdateFunctionConfiguration", input).await;
        assert_eq!((&answer["Timeout"], &answer["MemorySize"]), (&json!(7), &json!(128)));
        assert_eq!(answer["Environment"], variables);
        assert_eq!(world.invoke("RequestResponse", &order).await.json(), "green");
        let input = json!({"FunctionName": "f", "RevisionId": "other", "Timeout": 8});
        let (code, _) = world.fault("UpdateFunctionConfiguration", input).await;
        assert_eq!(code, "PreconditionFailedException");
    })
    .await;
}
