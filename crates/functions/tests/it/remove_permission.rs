use crate::common::everywhere;
use serde_json::json;

#[tokio::test]
async fn a_statement_is_removed_by_its_id() {
    everywhere(async |world| {
        world.create().await;
        for id in ["s3", "other"] {
            let input = json!({"FunctionName": "f", "StatementId": id,
                "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"});
            world.ok("AddPermission", input).await;
        }
        let input = json!({"FunctionName": "f", "StatementId": "s3"});
        world.ok("RemovePermission", input.clone()).await;
        let (code, message) = world.fault("RemovePermission", input).await;
        assert_eq!(code, "ResourceNotFoundException");
        assert_eq!(message, "Statement s3 is not found in resource policy.");
        let input = json!({"FunctionName": "f", "StatementId": "other"});
        world.ok("RemovePermission", input.clone()).await;
        let (_, message) = world.fault("RemovePermission", input).await;
        assert_eq!(message, "No policy is associated with the given resource.");
    })
    .await;
}
