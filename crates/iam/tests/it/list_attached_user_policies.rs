use crate::common::{ADMIN, BASIC, column, run};
use serde_json::json;

#[tokio::test]
async fn attached_policies_are_listed_by_path() {
    run(async |w| {
        w.user("ada").await;
        for arn in [BASIC, ADMIN] {
            w.ok("AttachUserPolicy", json!({"UserName": "ada", "PolicyArn": arn})).await;
        }
        let list = w.ok("ListAttachedUserPolicies", json!({"UserName": "ada"})).await;
        let names = column(&list["AttachedPolicies"], "PolicyName");
        assert_eq!(names, ["AdministratorAccess", "AWSLambdaBasicExecutionRole"]);
        let input = json!({"UserName": "ada", "PathPrefix": "/service-role/"});
        let list = w.ok("ListAttachedUserPolicies", input).await;
        assert_eq!(column(&list["AttachedPolicies"], "PolicyArn"), [BASIC]);
    })
    .await;
}
