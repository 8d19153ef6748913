use crate::common::{allow, run};
use serde_json::json;

#[tokio::test]
async fn a_boundary_is_a_managed_policy_that_cannot_be_deleted() {
    run(async |w| {
        w.user("ada").await;
        let arn = w.policy("limits", json!([allow("s3:*")])).await;
        w.ok("PutUserPermissionsBoundary", json!({"UserName": "ada", "PermissionsBoundary": arn}))
            .await;
        let got = w.ok("GetUser", json!({"UserName": "ada"})).await;
        let boundary = &got["User"]["PermissionsBoundary"];
        assert_eq!(boundary["PermissionsBoundaryArn"], json!(arn));
        assert_eq!(boundary["PermissionsBoundaryType"], "PermissionsBoundaryPolicy");
        assert_eq!(w.fault("DeletePolicy", json!({"PolicyArn": arn})).await.1, "DeleteConflict");
        let unknown = "arn:aws:iam::aws:policy/NoSuchThing";
        let input = json!({"UserName": "ada", "PermissionsBoundary": unknown});
        let (status, code, message) = w.fault("PutUserPermissionsBoundary", input).await;
        assert_eq!((status, code.as_str()), (404, "NoSuchEntity"));
        assert_eq!(message, format!("Scope ARN: {unknown} does not exist or is not attachable."));
    })
    .await;
}
