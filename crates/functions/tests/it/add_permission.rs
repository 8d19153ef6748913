use crate::common::{FUNCTION, everywhere};
use serde_json::{Value, json};

#[tokio::test]
async fn a_statement_is_added_once_and_lets_others_invoke() {
    everywhere(async |world| {
        world.create().await;
        let input = json!({
            "FunctionName": "f",
            "StatementId": "ada",
            "Action": "lambda:InvokeFunction",
            "Principal": "arn:aws:iam::000000000000:user/ada",
        });
        let added = world.ok("AddPermission", input.clone()).await;
        let statement: Value = serde_json::from_str(added["Statement"].as_str().unwrap()).unwrap();
        assert_eq!(statement["Resource"], FUNCTION);
        let (code, message) = world.fault("AddPermission", input).await;
        assert_eq!(code, "ResourceConflictException");
        assert!(message.starts_with("The statement id (ada) provided already exists."));
        let nothing = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "none:None", "Resource": "*"}]});
        for (name, status) in [("ada", 200), ("eve", 403)] {
            let request = http::Request::post("/2015-03-31/functions/f/invocations");
            let user = world.bed.user(name, &nothing);
            assert_eq!(user.send("lambda", request, "{}".into()).await.status, status, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_principal_that_is_none_is_refused() {
    everywhere(async |world| {
        world.create().await;
        let input = json!({"FunctionName": "f", "StatementId": "x",
            "Action": "lambda:InvokeFunction", "Principal": "nobody"});
        let (code, message) = world.fault("AddPermission", input).await;
        assert_eq!(code, "InvalidParameterValueException");
        assert!(message.starts_with("The provided principal was invalid."));
    })
    .await;
}
