use crate::common::{create, fault, logs, missing_group, now, ok};
use serde_json::json;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_stream_belongs_to_its_group() {
    on_every_engine(logs, async |bed| {
        create(&bed, &["2026/11/22/[$LATEST]abc"]).await;
        let answer = ok(&bed, "DescribeLogStreams", json!({"logGroupName": "g"})).await;
        let stream = &answer["logStreams"][0];
        assert_eq!(stream["logStreamName"], "2026/11/22/[$LATEST]abc");
        assert_eq!(stream["creationTime"], now(&bed));
        assert!(stream.get("lastEventTimestamp").is_none());
    })
    .await;
}

#[tokio::test]
async fn a_stream_is_made_once_and_only_in_a_group() {
    on_memory(logs, async |bed| {
        let input = json!({"logGroupName": "g", "logStreamName": "s"});
        assert_eq!(fault(&bed, "CreateLogStream", input.clone()).await, missing_group());
        create(&bed, &["s"]).await;
        let (code, message) = fault(&bed, "CreateLogStream", input).await;
        assert_eq!(code, "ResourceAlreadyExistsException");
        assert_eq!(message, "The specified log stream already exists");
        let bad = json!({"logGroupName": "g", "logStreamName": "a:b"});
        assert_eq!(fault(&bed, "CreateLogStream", bad).await.0, "InvalidParameterException");
    })
    .await;
}
