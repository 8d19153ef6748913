use crate::common::queues;
use serde_json::json;
use testkit::on_every_engine;

#[tokio::test]
async fn tags_are_removed_and_absent_ones_are_no_error() {
    on_every_engine(queues, async |bed| {
        let input = json!({"QueueName": "jobs", "tags": {"team": "blue", "stage": "test"}});
        let url = bed.ok("sqs", "CreateQueue", input).await["QueueUrl"].clone();
        let input = json!({"QueueUrl": url, "TagKeys": ["team", "colour"]});
        bed.ok("sqs", "UntagQueue", input).await;
        let tags = bed.ok("sqs", "ListQueueTags", json!({"QueueUrl": url})).await;
        assert_eq!(tags["Tags"], json!({"stage": "test"}));
    })
    .await;
}
