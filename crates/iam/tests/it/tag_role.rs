use crate::common::{lambda, run};
use serde_json::json;

#[tokio::test]
async fn a_tag_replaces_one_whose_key_differs_in_case_only() {
    run(async |w| {
        w.role("ada", lambda()).await;
        w.ok("TagRole", json!({"RoleName": "ada", "Tags": [{"Key": "team", "Value": "1"}]})).await;
        w.ok("TagRole", json!({"RoleName": "ada", "Tags": [{"Key": "Team", "Value": "2"}]})).await;
        let list = w.ok("ListRoleTags", json!({"RoleName": "ada"})).await;
        assert_eq!(list["Tags"], json!([{"Key": "Team", "Value": "2"}]));
    })
    .await;
}

#[tokio::test]
async fn reserved_and_too_many_tags_are_refused() {
    run(async |w| {
        w.role("ada", lambda()).await;
        let reserved = json!({"RoleName": "ada", "Tags": [{"Key": "aws:x", "Value": "1"}]});
        assert_eq!(w.fault("TagRole", reserved).await.1, "InvalidInput");
        let tag = |number| json!({"Key": format!("k{number}"), "Value": "v"});
        let tags: Vec<_> = (0..50).map(tag).collect();
        w.ok("TagRole", json!({"RoleName": "ada", "Tags": tags})).await;
        let (status, code, _) =
            w.fault("TagRole", json!({"RoleName": "ada", "Tags": [tag(50)]})).await;
        assert_eq!((status, code.as_str()), (409, "LimitExceeded"));
    })
    .await;
}
