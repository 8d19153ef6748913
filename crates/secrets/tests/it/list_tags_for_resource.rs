use crate::common::{code, secrets};
use serde_json::json;
use testkit::on_every_engine;

#[tokio::test]
async fn the_tags_of_what_is_not_there_are_not_told() {
    on_every_engine(secrets, async |bed| {
        let none = json!({"ResourceType": "Parameter", "ResourceId": "none"});
        assert_eq!(code(&bed, "ListTagsForResource", none).await, "InvalidResourceId");
    })
    .await;
}
