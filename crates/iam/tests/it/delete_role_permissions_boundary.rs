use crate::common::{allow, lambda, run};
use serde_json::{Value, json};

#[tokio::test]
async fn a_boundary_is_removed_once() {
    run(async |w| {
        w.role("ada", lambda()).await;
        let arn = w.policy("limits", json!([allow("s3:*")])).await;
        w.ok("PutRolePermissionsBoundary", json!({"RoleName": "ada", "PermissionsBoundary": arn}))
            .await;
        w.ok("DeleteRolePermissionsBoundary", json!({"RoleName": "ada"})).await;
        assert_eq!(
            w.ok("GetRole", json!({"RoleName": "ada"})).await["Role"]["PermissionsBoundary"],
            Value::Null
        );
        w.ok("DeletePolicy", json!({"PolicyArn": arn})).await;
        assert_eq!(
            w.fault("DeleteRolePermissionsBoundary", json!({"RoleName": "ada"})).await.1,
            "NoSuchEntity"
        );
    })
    .await;
}
