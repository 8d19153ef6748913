use crate::common::{column, run};
use serde_json::json;

#[tokio::test]
async fn tags_are_listed_in_the_order_of_their_keys() {
    run(async |w| {
        w.user("ada").await;
        let tags = json!([{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]);
        w.ok("TagUser", json!({"UserName": "ada", "Tags": tags})).await;
        let list = w.ok("ListUserTags", json!({"UserName": "ada"})).await;
        assert_eq!(column(&list["Tags"], "Key"), ["a", "b"]);
    })
    .await;
}
