use crate::common::{allow, run};
use serde_json::json;

#[tokio::test]
async fn a_user_is_deleted_after_its_keys_and_policies() {
    run(async |w| {
        w.user("ada").await;
        let name = json!({"UserName": "ada"});
        let (status, code, message) = w.fault("DeleteUser", name.clone()).await;
        assert_eq!((status, code.as_str()), (409, "DeleteConflict"));
        assert_eq!(message, "Cannot delete entity, must delete access keys first.");
        let keys = w.ok("ListAccessKeys", name.clone()).await;
        let id = &keys["AccessKeyMetadata"][0]["AccessKeyId"];
        w.ok("DeleteAccessKey", json!({"UserName": "ada", "AccessKeyId": id})).await;
        w.put_user_policy("ada", json!([allow("s3:*")])).await;
        let (_, _, message) = w.fault("DeleteUser", name.clone()).await;
        assert_eq!(message, "Cannot delete entity, must delete policies first.");
        w.ok("DeleteUserPolicy", json!({"UserName": "ada", "PolicyName": "p"})).await;
        w.ok("DeleteUser", name.clone()).await;
        assert_eq!(w.fault("DeleteUser", name).await.1, "NoSuchEntity");
    })
    .await;
}
