use crate::common::{arn, create, fault, logs, missing_group, now, ok, put};
use serde_json::{Value, json};
use testkit::{Bed, on_every_engine, on_memory};

async fn names(bed: &Bed, more: Value) -> (Vec<String>, Option<String>) {
    let mut input = json!({"logGroupName": "g"});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = ok(bed, "DescribeLogStreams", input).await;
    let streams = answer["logStreams"].as_array().unwrap();
    let names = streams.iter().map(|s| s["logStreamName"].as_str().unwrap().to_owned()).collect();
    (names, answer["nextToken"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn a_stream_tells_its_first_and_last_events() {
    on_every_engine(logs, async |bed| {
        create(&bed, &["s"]).await;
        let now = now(&bed);
        put(&bed, "s", &[(now - 5_000, "a"), (now - 1_000, "b")]).await;
        put(&bed, "s", &[(now - 9_000, "late")]).await;
        let input = json!({"logGroupIdentifier": arn("g")});
        let answer = ok(&bed, "DescribeLogStreams", input).await;
        let stream = &answer["logStreams"][0];
        assert_eq!(stream["firstEventTimestamp"], now - 9_000);
        assert_eq!(stream["lastEventTimestamp"], now - 1_000);
        assert_eq!(stream["lastIngestionTime"], now);
        assert_eq!(stream["arn"], arn("g:log-stream:s"));
        assert_eq!(stream["storedBytes"], 0);
    })
    .await;
}

#[tokio::test]
async fn streams_come_by_name_or_by_their_last_event_in_either_direction() {
    on_every_engine(logs, async |bed| {
        create(&bed, &["a", "b", "c", "never"]).await;
        for (stream, age) in [("a", 1), ("b", 3), ("c", 2)] {
            put(&bed, stream, &[(now(&bed) - age, "x")]).await;
        }
        assert_eq!(names(&bed, json!({})).await.0, ["a", "b", "c", "never"]);
        assert_eq!(names(&bed, json!({"descending": true, "limit": 1})).await.0, ["never"]);
        assert_eq!(names(&bed, json!({"logStreamNamePrefix": "n"})).await.0, ["never"]);
        let latest = json!({"orderBy": "LastEventTime", "descending": true, "limit": 2});
        let (first, token) = names(&bed, latest.clone()).await;
        assert_eq!(first, ["a", "c"]);
        let mut next = latest;
        next["nextToken"] = json!(token.unwrap());
        let (rest, end) = names(&bed, next).await;
        assert_eq!((rest, end), (vec!["b".to_owned(), "never".to_owned()], None));
        assert_eq!(names(&bed, json!({"orderBy": "LastEventTime"})).await.0[1], "b");
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused() {
    on_memory(logs, async |bed| {
        let refused = async |input| fault(&bed, "DescribeLogStreams", input).await;
        assert_eq!(refused(json!({"logGroupName": "none"})).await, missing_group());
        let (code, message) = refused(json!({
            "logGroupName": "g", "orderBy": "LastEventTime", "logStreamNamePrefix": "a"
        }))
        .await;
        create(&bed, &[]).await;
        assert_eq!((code, message), missing_group(), "the group is looked at first");
        let (code, message) = refused(json!({
            "logGroupName": "g", "orderBy": "LastEventTime", "logStreamNamePrefix": "a"
        }))
        .await;
        assert_eq!(code, "InvalidParameterException");
        assert_eq!(message, "Cannot order by LastEventTime with a logStreamNamePrefix.");
        for neither_nor_both in [json!({}), json!({"logGroupName": "g", "logGroupIdentifier": "g"})]
        {
            assert_eq!(refused(neither_nor_both).await.0, "InvalidParameterException");
        }
        let many = refused(json!({"logGroupName": "g", "limit": 51})).await.1;
        assert!(many.contains("'limit' failed to satisfy constraint"), "{many}");
    })
    .await;
}
