use crate::common::run;
use serde_json::json;

#[tokio::test]
async fn a_tag_replaces_one_whose_key_differs_in_case_only() {
    run(async |w| {
        w.user("ada").await;
        w.ok("TagUser", json!({"UserName": "ada", "Tags": [{"Key": "team", "Value": "1"}]})).await;
        w.ok("TagUser", json!({"UserName": "ada", "Tags": [{"Key": "Team", "Value": "2"}]})).await;
        let list = w.ok("ListUserTags", json!({"UserName": "ada"})).await;
        assert_eq!(list["Tags"], json!([{"Key": "Team", "Value": "2"}]));
    })
    .await;
}

#[tokio::test]
async fn reserved_and_too_many_tags_are_refused() {
    run(async |w| {
        w.user("ada").await;
        let reserved = json!({"UserName": "ada", "Tags": [{"Key": "aws:x", "Value": "1"}]});
        assert_eq!(w.fault("TagUser", reserved).await.1, "InvalidInput");
        let tag = |number| json!({"Key": format!("k{number}"), "Value": "v"});
        let tags: Vec<_> = (0..50).map(tag).collect();
        w.ok("TagUser", json!({"UserName": "ada", "Tags": tags})).await;
        let (status, code, _) =
            w.fault("TagUser", json!({"UserName": "ada", "Tags": [tag(50)]})).await;
        assert_eq!((status, code.as_str()), (409, "LimitExceeded"));
    })
    .await;
}
