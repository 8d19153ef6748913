use crate::common::everywhere;
use serde_json::json;

#[tokio::test]
async fn a_change_keeps_the_url() {
    everywhere(async |world| {
        world.create().await;
        let input = json!({"FunctionName": "f", "AuthType": "AWS_IAM"});
        let made = world.ok("CreateFunctionUrlConfig", input).await;
        let input = json!({"FunctionName": "f", "AuthType": "NONE", "Cors": {"MaxAge": 3}});
        let changed = world.ok("UpdateFunctionUrlConfig", input).await;
        assert_eq!(made["FunctionUrl"], changed["FunctionUrl"]);
        assert_eq!(
            (&changed["AuthType"], &changed["Cors"]),
            (&json!("NONE"), &json!({"MaxAge": 3}))
        );
    })
    .await;
}
