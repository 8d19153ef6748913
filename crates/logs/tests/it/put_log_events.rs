use crate::common::{
    create, fault, get, logs, messages, missing_group, missing_stream, now, ok, put,
};
use serde_json::{Value, json};
use testkit::{on_every_engine, on_memory};

fn batch(events: &[(u64, &str)]) -> Value {
    let events: Vec<Value> =
        events.iter().map(|(time, text)| json!({"timestamp": time, "message": text})).collect();
    json!({"logGroupName": "g", "logStreamName": "s", "logEvents": events})
}

#[tokio::test]
async fn events_are_read_as_they_were_put() {
    on_every_engine(logs, async |bed| {
        create(&bed, &["s"]).await;
        let now = now(&bed);
        let answer = put(&bed, "s", &[(now - 2, "a"), (now, "b\nwith ✓"), (now, "c")]).await;
        assert!(answer["nextSequenceToken"].is_string());
        assert!(answer.get("rejectedLogEventsInfo").is_none());
        put(&bed, "s", &[(now - 1, "between"), (now, "d")]).await;
        let page = get(&bed, "s", json!({})).await;
        assert_eq!(messages(&page), ["a", "between", "b\nwith ✓", "c", "d"]);
        assert_eq!(page["events"][0]["timestamp"], now - 2);
        assert_eq!(page["events"][0]["ingestionTime"], now);
    })
    .await;
}

#[tokio::test]
async fn a_batch_of_ten_thousand_timestamps_is_taken() {
    on_memory(logs, async |bed| {
        create(&bed, &["s"]).await;
        let start = now(&bed) - 10_000;
        let events: Vec<_> = (0..10_000).map(|n| (start + n, "x")).collect();
        put(&bed, "s", &events).await;
        let page = get(&bed, "s", json!({"startFromHead": true})).await;
        assert_eq!(page["events"].as_array().unwrap().len(), 10_000);
        let mut more = events.clone();
        more.push((start + 10_000, "x"));
        let (code, message) = fault(&bed, "PutLogEvents", batch(&more)).await;
        assert_eq!(code, "InvalidParameterException");
        assert!(message.contains("less than or equal to 10000"), "{message}");
    })
    .await;
}

/// Which events are rejected, as the API reference describes the indexes.
#[tokio::test]
async fn events_that_are_too_old_or_too_new_or_expired_are_told_by_their_index() {
    on_memory(logs, async |bed| {
        create(&bed, &["s"]).await;
        let (now, hour, day) = (now(&bed), 3_600_000, 86_400_000);
        let old =
            [(now - 14 * day - 2, "old"), (now - 14 * day - 1, "old"), (now - 14 * day, "ok")];
        let answer = put(&bed, "s", &old).await;
        assert_eq!(answer["rejectedLogEventsInfo"], json!({"tooOldLogEventEndIndex": 2}));
        let new = [(now + 2 * hour, "ok"), (now + 2 * hour + 1, "new")];
        let answer = put(&bed, "s", &new).await;
        assert_eq!(answer["rejectedLogEventsInfo"], json!({"tooNewLogEventStartIndex": 1}));
        let days = json!({"logGroupName": "g", "retentionInDays": 1});
        ok(&bed, "PutRetentionPolicy", days).await;
        let answer = put(&bed, "s", &[(now - day - 1, "expired"), (now - day, "kept")]).await;
        assert_eq!(answer["rejectedLogEventsInfo"], json!({"expiredLogEventEndIndex": 1}));
        ok(&bed, "DeleteRetentionPolicy", json!({"logGroupName": "g"})).await;
        assert_eq!(messages(&get(&bed, "s", json!({})).await), ["ok", "kept", "ok"]);
    })
    .await;
}

#[tokio::test]
async fn a_batch_out_of_order_or_over_a_limit_is_refused_as_a_whole() {
    on_memory(logs, async |bed| {
        create(&bed, &["s"]).await;
        let now = now(&bed);
        let refused = async |events: &[(u64, &str)]| {
            let (code, message) = fault(&bed, "PutLogEvents", batch(events)).await;
            assert_eq!(code, "InvalidParameterException");
            message
        };
        assert_eq!(
            refused(&[(now, "a"), (now - 1, "b")]).await,
            "Log events in a single PutLogEvents request must be in chronological order."
        );
        assert_eq!(
            refused(&[(now - 86_400_001, "a"), (now, "b")]).await,
            "The batch of log events in a single PutLogEvents request cannot span more than 24 \
             hours."
        );
        let large = "x".repeat(1_048_576 - 26);
        assert_eq!(
            refused(&[(now, &format!("{large}x"))]).await,
            "Log event too large: 1048577 bytes exceeds limit of 1048576"
        );
        assert_eq!(
            refused(&[(now, &large), (now, "x")]).await,
            "Upload too large: 1048603 bytes exceeds limit of 1048576"
        );
        assert!(refused(&[]).await.contains("greater than or equal to 1"));
        assert!(messages(&get(&bed, "s", json!({})).await).is_empty());
        put(&bed, "s", &[(now, &large)]).await;
        assert_eq!(messages(&get(&bed, "s", json!({})).await), [large]);
    })
    .await;
}

#[tokio::test]
async fn group_and_stream_must_exist_and_tokens_count_for_nothing() {
    on_memory(logs, async |bed| {
        let one = batch(&[(now(&bed), "a")]);
        assert_eq!(fault(&bed, "PutLogEvents", one.clone()).await, missing_group());
        create(&bed, &[]).await;
        assert_eq!(fault(&bed, "PutLogEvents", one.clone()).await, missing_stream());
        ok(&bed, "CreateLogStream", json!({"logGroupName": "g", "logStreamName": "s"})).await;
        let mut with_token = one;
        with_token["sequenceToken"] = json!("whatever");
        ok(&bed, "PutLogEvents", with_token.clone()).await;
        with_token["entity"] = json!({"attributes": {"a": "b"}});
        let (code, message) = fault(&bed, "PutLogEvents", with_token).await;
        assert_eq!(code, "UnsupportedOperation");
        assert!(message.contains("entity"), "{message}");
    })
    .await;
}
