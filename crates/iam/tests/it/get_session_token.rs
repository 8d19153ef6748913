use crate::common::{allow, run};
use serde_json::json;
use testkit::ACCOUNT;

#[tokio::test]
async fn a_users_session_may_do_what_the_user_may_but_not_use_iam() {
    run(async |w| {
        let ada = w.user_with("ada", json!([allow("*")])).await;
        let answer = ada.ok("GetSessionToken", json!({"DurationSeconds": 900})).await;
        let keys = &answer["Credentials"];
        assert!(keys["AccessKeyId"].as_str().unwrap().starts_with("ASIA"));
        assert_eq!(keys["Expiration"], "2027-01-15T08:15:00.000Z");
        let session = w.actor(keys);
        let who = session.ok("GetCallerIdentity", json!({})).await;
        assert_eq!(who["Arn"], format!("arn:aws:iam::{ACCOUNT}:user/ada"));
        assert_eq!(session.code("ListUsers", json!({})).await, "InvalidClientTokenId");
        assert_eq!(session.code("GetSessionToken", json!({})).await, "AccessDenied");
    })
    .await;
}
