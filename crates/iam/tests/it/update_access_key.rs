use crate::common::run;
use serde_json::json;

#[tokio::test]
async fn an_inactive_key_signs_nothing_until_it_is_active_again() {
    run(async |w| {
        let ada = w.user("ada").await;
        let keys = w.ok("ListAccessKeys", json!({"UserName": "ada"})).await;
        let id = &keys["AccessKeyMetadata"][0]["AccessKeyId"];
        let input = |status| json!({"UserName": "ada", "AccessKeyId": id, "Status": status});
        w.ok("UpdateAccessKey", input("Inactive")).await;
        let (status, code, message) = ada.fault("GetCallerIdentity", json!({})).await;
        assert_eq!((status, code.as_str()), (403, "InvalidClientTokenId"));
        assert_eq!(message, "The security token included in the request is invalid.");
        w.ok("UpdateAccessKey", input("Active")).await;
        ada.ok("GetCallerIdentity", json!({})).await;
        assert_eq!(w.fault("UpdateAccessKey", input("Expired")).await.1, "ValidationError");
    })
    .await;
}
