use crate::common::{BASIC, lambda, run, user_arn};
use serde_json::json;

#[tokio::test]
async fn a_role_is_deleted_after_its_policies() {
    run(async |w| {
        w.role("r", lambda()).await;
        w.ok("AttachRolePolicy", json!({"RoleName": "r", "PolicyArn": BASIC})).await;
        let (status, code, message) = w.fault("DeleteRole", json!({"RoleName": "r"})).await;
        assert_eq!((status, code.as_str()), (409, "DeleteConflict"));
        assert_eq!(message, "Cannot delete entity, must detach all policies first.");
        w.ok("DetachRolePolicy", json!({"RoleName": "r", "PolicyArn": BASIC})).await;
        w.ok("DeleteRole", json!({"RoleName": "r"})).await;
        let (status, _, message) = w.fault("DeleteRole", json!({"RoleName": "r"})).await;
        assert_eq!((status, message.as_str()), (404, "The role with name r cannot be found."));
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_with_its_role_even_if_another_of_its_name_is_made() {
    run(async |w| {
        let ada = w.user("ada").await;
        let role = w.role("r", user_arn("ada")).await;
        let session = w.assume(&ada, &role).await;
        session.ok("GetCallerIdentity", json!({})).await;
        w.ok("DeleteRole", json!({"RoleName": "r"})).await;
        assert_eq!(session.code("GetCallerIdentity", json!({})).await, "InvalidClientTokenId");
        w.role("r", user_arn("ada")).await;
        assert_eq!(session.code("GetCallerIdentity", json!({})).await, "InvalidClientTokenId");
    })
    .await;
}
