use crate::common::{create, queues};
use serde_json::json;
use testkit::on_every_engine;

#[tokio::test]
async fn the_tags_of_a_queue_are_those_it_was_created_with() {
    on_every_engine(queues, async |bed| {
        let input = json!({"QueueName": "jobs", "tags": {"team": "blue", "stage": ""}});
        let url = bed.ok("sqs", "CreateQueue", input).await["QueueUrl"].clone();
        let tags = bed.ok("sqs", "ListQueueTags", json!({"QueueUrl": url})).await;
        assert_eq!(tags, json!({"Tags": {"team": "blue", "stage": ""}}));
        let plain = create(&bed, "plain", json!({})).await;
        let tags = bed.ok("sqs", "ListQueueTags", json!({"QueueUrl": plain})).await;
        assert_eq!(tags, json!({}));
    })
    .await;
}
