use crate::common::{deny, run};
use serde_json::json;
use testkit::ACCOUNT;

#[tokio::test]
async fn everybody_learns_who_they_are_even_if_all_is_denied() {
    run(async |w| {
        let ada = w.user_with("ada", json!([deny("*")])).await;
        let who = ada.ok("GetCallerIdentity", json!({})).await;
        assert_eq!(who["Arn"], format!("arn:aws:iam::{ACCOUNT}:user/ada"));
        assert!(who["UserId"].as_str().unwrap().starts_with("AIDA"));
        let root = w.ok("GetCallerIdentity", json!({})).await;
        assert_eq!((&root["Account"], &root["UserId"]), (&json!(ACCOUNT), &json!(ACCOUNT)));
        assert_eq!(root["Arn"], format!("arn:aws:iam::{ACCOUNT}:root"));
    })
    .await;
}

#[tokio::test]
async fn who_did_not_sign_is_nobody() {
    run(async |w| {
        let nobody = crate::common::Actor(w.bed.anonymous());
        let (status, code, _) = nobody.fault("GetCallerIdentity", json!({})).await;
        assert_eq!((status, code.as_str()), (403, "MissingAuthenticationToken"));
    })
    .await;
}
