use crate::common::{FUNCTION, everywhere};
use serde_json::json;

#[tokio::test]
async fn tags_are_added_and_replaced() {
    everywhere(async |world| {
        world.create().await;
        for tags in [json!({"a": "1", "b": "2"}), json!({"a": "3"})] {
            world.ok("TagResource", json!({"Resource": FUNCTION, "Tags": tags})).await;
        }
        let answer = world.ok("ListTags", json!({"Resource": FUNCTION})).await;
        assert_eq!(answer["Tags"], json!({"a": "3", "b": "2"}));
    })
    .await;
}
