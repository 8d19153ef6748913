use crate::common::run;
use serde_json::json;

#[tokio::test]
async fn a_deleted_key_signs_nothing() {
    run(async |w| {
        let ada = w.user("ada").await;
        w.user("bob").await;
        let keys = w.ok("ListAccessKeys", json!({"UserName": "ada"})).await;
        let id = &keys["AccessKeyMetadata"][0]["AccessKeyId"];
        let of = |user| json!({"UserName": user, "AccessKeyId": id});
        let (status, code, _) = w.fault("DeleteAccessKey", of("bob")).await;
        assert_eq!((status, code.as_str()), (404, "NoSuchEntity"));
        w.ok("DeleteAccessKey", of("ada")).await;
        assert_eq!(ada.code("GetCallerIdentity", json!({})).await, "InvalidClientTokenId");
    })
    .await;
}
