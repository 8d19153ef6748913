use crate::common::run;
use serde_json::json;
use testkit::ACCOUNT;

#[tokio::test]
async fn a_user_has_a_path_an_id_and_tags() {
    run(async |w| {
        let tags = json!([{"Key": "team", "Value": "a"}]);
        let input = json!({"UserName": "ada", "Path": "/team/", "Tags": tags});
        let user = &w.ok("CreateUser", input).await["User"];
        assert_eq!(user["Arn"], format!("arn:aws:iam::{ACCOUNT}:user/team/ada"));
        assert_eq!((&user["Path"], &user["Tags"]), (&json!("/team/"), &tags));
        let id = user["UserId"].as_str().unwrap();
        assert!(id.starts_with("AIDA") && id.len() == 21, "{id}");
        assert_eq!(user["CreateDate"], "2027-01-15T08:00:00.000Z");
    })
    .await;
}

#[tokio::test]
async fn names_that_differ_in_case_only_are_one_name() {
    run(async |w| {
        w.user("ada").await;
        let (status, code, message) = w.fault("CreateUser", json!({"UserName": "Ada"})).await;
        assert_eq!((status, code.as_str()), (409, "EntityAlreadyExists"));
        assert_eq!(message, "User with name Ada already exists.");
    })
    .await;
}

#[tokio::test]
async fn a_name_with_other_letters_is_refused() {
    run(async |w| {
        let (status, code, _) = w.fault("CreateUser", json!({"UserName": "a b"})).await;
        assert_eq!((status, code.as_str()), (400, "ValidationError"));
    })
    .await;
}
