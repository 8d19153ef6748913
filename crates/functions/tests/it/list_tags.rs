use crate::common::{FUNCTION, everywhere};
use serde_json::json;

#[tokio::test]
async fn the_tags_of_a_function_that_is_not_there_are_not_found() {
    everywhere(async |world| {
        let (code, _) = world.fault("ListTags", json!({"Resource": FUNCTION})).await;
        assert_eq!(code, "ResourceNotFoundException");
        world.create().await;
        assert_eq!(world.ok("ListTags", json!({"Resource": FUNCTION})).await["Tags"], json!({}));
    })
    .await;
}
