use crate::common::{column, lambda, run};
use serde_json::json;

#[tokio::test]
async fn tags_are_listed_in_the_order_of_their_keys() {
    run(async |w| {
        w.role("ada", lambda()).await;
        let tags = json!([{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]);
        w.ok("TagRole", json!({"RoleName": "ada", "Tags": tags})).await;
        let list = w.ok("ListRoleTags", json!({"RoleName": "ada"})).await;
        assert_eq!(column(&list["Tags"], "Key"), ["a", "b"]);
    })
    .await;
}
