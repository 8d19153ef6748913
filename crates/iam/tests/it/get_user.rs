use crate::common::{allow, run};
use serde_json::json;
use testkit::ACCOUNT;

#[tokio::test]
async fn a_user_who_names_nobody_is_shown() {
    run(async |w| {
        let ada = w.user_with("ada", json!([allow("iam:GetUser")])).await;
        assert_eq!(ada.ok("GetUser", json!({})).await["User"]["UserName"], "ada");
        let root = &w.ok("GetUser", json!({})).await["User"];
        assert_eq!(root["Arn"], format!("arn:aws:iam::{ACCOUNT}:root"));
        let (status, _, message) = w.fault("GetUser", json!({"UserName": "bob"})).await;
        assert_eq!((status, message.as_str()), (404, "The user with name bob cannot be found."));
    })
    .await;
}
