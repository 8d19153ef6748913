use crate::common::{allow, run};
use serde_json::{Value, json};

#[tokio::test]
async fn a_boundary_is_removed_once() {
    run(async |w| {
        w.user("ada").await;
        let arn = w.policy("limits", json!([allow("s3:*")])).await;
        w.ok("PutUserPermissionsBoundary", json!({"UserName": "ada", "PermissionsBoundary": arn}))
            .await;
        w.ok("DeleteUserPermissionsBoundary", json!({"UserName": "ada"})).await;
        assert_eq!(
            w.ok("GetUser", json!({"UserName": "ada"})).await["User"]["PermissionsBoundary"],
            Value::Null
        );
        w.ok("DeletePolicy", json!({"PolicyArn": arn})).await;
        assert_eq!(
            w.fault("DeleteUserPermissionsBoundary", json!({"UserName": "ada"})).await.1,
            "NoSuchEntity"
        );
    })
    .await;
}
