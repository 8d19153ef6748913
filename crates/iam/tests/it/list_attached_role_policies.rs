use crate::common::{ADMIN, BASIC, column, lambda, run};
use serde_json::json;

#[tokio::test]
async fn attached_policies_are_listed_by_path() {
    run(async |w| {
        w.role("ada", lambda()).await;
        for arn in [BASIC, ADMIN] {
            w.ok("AttachRolePolicy", json!({"RoleName": "ada", "PolicyArn": arn})).await;
        }
        let list = w.ok("ListAttachedRolePolicies", json!({"RoleName": "ada"})).await;
        let names = column(&list["AttachedPolicies"], "PolicyName");
        assert_eq!(names, ["AdministratorAccess", "AWSLambdaBasicExecutionRole"]);
        let input = json!({"RoleName": "ada", "PathPrefix": "/service-role/"});
        let list = w.ok("ListAttachedRolePolicies", input).await;
        assert_eq!(column(&list["AttachedPolicies"], "PolicyArn"), [BASIC]);
    })
    .await;
}
