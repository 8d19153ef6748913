use crate::common::{create, create_with_dead_letters, queues};
use serde_json::{Value, json};
use testkit::on_every_engine;

#[tokio::test]
async fn the_sources_of_a_dead_letter_queue_are_listed_in_pages() {
    on_every_engine(queues, async |bed| {
        let dead = create(&bed, "dead", json!({})).await;
        create(&bed, "other", json!({})).await;
        let mut sources = Vec::new();
        for name in ["a", "b", "z"] {
            sources.push(create_with_dead_letters(&bed, name, "dead", 3).await);
        }
        create_with_dead_letters(&bed, "c", "other", 3).await;
        let mut input = json!({"QueueUrl": dead});
        let all = bed.ok("sqs", "ListDeadLetterSourceQueues", input.clone()).await;
        assert_eq!(all["queueUrls"], json!(sources));
        input["MaxResults"] = json!(2);
        let first = bed.ok("sqs", "ListDeadLetterSourceQueues", input.clone()).await;
        assert_eq!(first["queueUrls"], json!(sources[..2]));
        input["NextToken"] = first["NextToken"].clone();
        let second = bed.ok("sqs", "ListDeadLetterSourceQueues", input).await;
        assert_eq!(second["queueUrls"], json!(sources[2..]));
        assert_eq!(second["NextToken"], Value::Null);
    })
    .await;
}
