use crate::common::{FUNCTION, everywhere};
use serde_json::json;

#[tokio::test]
async fn tags_are_removed_by_their_keys() {
    everywhere(async |world| {
        world.create().await;
        let tags = json!({"a": "1", "b": "2"});
        world.ok("TagResource", json!({"Resource": FUNCTION, "Tags": tags})).await;
        world.ok("UntagResource", json!({"Resource": FUNCTION, "TagKeys": ["a", "z"]})).await;
        let answer = world.ok("ListTags", json!({"Resource": FUNCTION})).await;
        assert_eq!(answer["Tags"], json!({"b": "2"}));
    })
    .await;
}
