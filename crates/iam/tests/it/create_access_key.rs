use crate::common::run;
use serde_json::json;
use testkit::ACCOUNT;

#[tokio::test]
async fn a_new_key_signs_and_a_third_is_refused() {
    run(async |w| {
        let ada = w.user("ada").await;
        let arn = &ada.ok("GetCallerIdentity", json!({})).await["Arn"];
        assert_eq!(*arn, format!("arn:aws:iam::{ACCOUNT}:user/ada"));
        let answer = w.ok("CreateAccessKey", json!({"UserName": "ada"})).await;
        let key = &answer["AccessKey"];
        assert_eq!((&key["UserName"], &key["Status"]), (&json!("ada"), &json!("Active")));
        assert_eq!(key["SecretAccessKey"].as_str().map(str::len), Some(40));
        w.actor(key).ok("GetCallerIdentity", json!({})).await;
        let (status, code, message) = w.fault("CreateAccessKey", json!({"UserName": "ada"})).await;
        assert_eq!((status, code.as_str()), (409, "LimitExceeded"));
        assert_eq!(message, "Cannot exceed quota for AccessKeysPerUser: 2");
    })
    .await;
}
