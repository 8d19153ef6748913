use crate::common::{column, lambda, run};
use serde_json::json;

#[tokio::test]
async fn only_the_named_tags_are_removed() {
    run(async |w| {
        w.role("ada", lambda()).await;
        let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]);
        w.ok("TagRole", json!({"RoleName": "ada", "Tags": tags})).await;
        w.ok("UntagRole", json!({"RoleName": "ada", "TagKeys": ["a", "unknown"]})).await;
        let list = w.ok("ListRoleTags", json!({"RoleName": "ada"})).await;
        assert_eq!(column(&list["Tags"], "Key"), ["b"]);
    })
    .await;
}
