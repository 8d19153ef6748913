use crate::common::{column, run};
use serde_json::json;

#[tokio::test]
async fn only_the_named_tags_are_removed() {
    run(async |w| {
        w.user("ada").await;
        let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]);
        w.ok("TagUser", json!({"UserName": "ada", "Tags": tags})).await;
        w.ok("UntagUser", json!({"UserName": "ada", "TagKeys": ["a", "unknown"]})).await;
        let list = w.ok("ListUserTags", json!({"UserName": "ada"})).await;
        assert_eq!(column(&list["Tags"], "Key"), ["b"]);
    })
    .await;
}
