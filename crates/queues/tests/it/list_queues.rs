use crate::common::{create, queues};
use serde_json::{Value, json};
use testkit::{on_every_engine, on_memory};

fn names(answer: &Value) -> Vec<&str> {
    let urls = answer["QueueUrls"].as_array().into_iter().flatten();
    urls.filter_map(|url| url.as_str()?.rsplit('/').next()).collect()
}

#[tokio::test]
async fn queues_are_listed_by_prefix_and_in_pages() {
    on_every_engine(queues, async |bed| {
        for name in ["b-2", "a-1", "b-1", "b-3", "c"] {
            create(&bed, name, json!({})).await;
        }
        let all = bed.ok("sqs", "ListQueues", json!({})).await;
        assert_eq!(names(&all), ["a-1", "b-1", "b-2", "b-3", "c"]);
        let mut input = json!({"QueueNamePrefix": "b-", "MaxResults": 2});
        let first = bed.ok("sqs", "ListQueues", input.clone()).await;
        assert_eq!(names(&first), ["b-1", "b-2"]);
        input["NextToken"] = first["NextToken"].clone();
        let second = bed.ok("sqs", "ListQueues", input).await;
        assert_eq!(names(&second), ["b-3"]);
        assert_eq!(second["NextToken"], Value::Null);
    })
    .await;
}

#[tokio::test]
async fn pages_have_1_to_1000_names() {
    on_memory(queues, async |bed| {
        for size in [0, 1_001] {
            let (code, _) = bed.fault("sqs", "ListQueues", json!({"MaxResults": size})).await;
            assert_eq!(code, "InvalidParameterValue");
        }
        let (code, _) = bed.fault("sqs", "ListQueues", json!({"NextToken": "?"})).await;
        assert_eq!(code, "InvalidParameterValue");
    })
    .await;
}
