use crate::common::everywhere;
use serde_json::json;

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
