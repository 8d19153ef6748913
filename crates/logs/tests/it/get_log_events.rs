use crate::common::{create, fault, get, logs, messages, missing_stream, now, ok, put};
use serde_json::json;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_stream_is_read_forwards_to_its_end_where_the_token_stays() {
    on_every_engine(logs, async |bed| {
        create(&bed, &["s"]).await;
        let now = now(&bed);
        // Three of one record, and two of another.
        put(&bed, "s", &[(now - 9, "1"), (now - 9, "2"), (now - 9, "3")]).await;
        put(&bed, "s", &[(now - 9, "4"), (now - 1, "5")]).await;
        let first = get(&bed, "s", json!({"startFromHead": true, "limit": 2})).await;
        assert_eq!(messages(&first), ["1", "2"]);
        let more = json!({"nextToken": first["nextForwardToken"], "limit": 2});
        let second = get(&bed, "s", more).await;
        assert_eq!(messages(&second), ["3", "4"]);
        let third = get(&bed, "s", json!({"nextToken": second["nextForwardToken"]})).await;
        assert_eq!(messages(&third), ["5"]);
        let end = get(&bed, "s", json!({"nextToken": third["nextForwardToken"]})).await;
        assert!(messages(&end).is_empty());
        assert_eq!(end["nextForwardToken"], third["nextForwardToken"]);
        // The same token gives what came meanwhile.
        put(&bed, "s", &[(now, "6")]).await;
        let new = get(&bed, "s", json!({"nextToken": end["nextForwardToken"]})).await;
        assert_eq!(messages(&new), ["6"]);
        let back = get(&bed, "s", json!({"nextToken": end["nextBackwardToken"]})).await;
        assert_eq!(messages(&back), ["1", "2", "3", "4", "5"]);
    })
    .await;
}

#[tokio::test]
async fn a_stream_is_read_backwards_from_its_end() {
    on_every_engine(logs, async |bed| {
        create(&bed, &["s"]).await;
        let now = now(&bed);
        put(&bed, "s", &[(now - 9, "1"), (now - 9, "2"), (now - 9, "3"), (now - 1, "4")]).await;
        let last = get(&bed, "s", json!({"limit": 2})).await;
        assert_eq!(messages(&last), ["3", "4"]);
        let more = json!({"nextToken": last["nextBackwardToken"], "limit": 5});
        let before = get(&bed, "s", more).await;
        assert_eq!(messages(&before), ["1", "2"]);
        let start = get(&bed, "s", json!({"nextToken": before["nextBackwardToken"]})).await;
        assert!(messages(&start).is_empty());
        assert_eq!(start["nextBackwardToken"], before["nextBackwardToken"]);
        let again = get(&bed, "s", json!({"nextToken": start["nextForwardToken"]})).await;
        assert_eq!(messages(&again).len(), 4);
    })
    .await;
}

#[tokio::test]
async fn whoever_reads_an_empty_stream_can_wait_for_its_first_event() {
    on_memory(logs, async |bed| {
        create(&bed, &["s"]).await;
        let empty = get(&bed, "s", json!({})).await;
        put(&bed, "s", &[(now(&bed), "first")]).await;
        let next = get(&bed, "s", json!({"nextToken": empty["nextForwardToken"]})).await;
        assert_eq!(messages(&next), ["first"]);
    })
    .await;
}

#[tokio::test]
async fn a_time_range_has_its_start_and_not_its_end() {
    on_every_engine(logs, async |bed| {
        create(&bed, &["s"]).await;
        let now = now(&bed);
        put(&bed, "s", &[(now - 3, "a"), (now - 2, "b"), (now - 1, "c"), (now, "d")]).await;
        let range = json!({"startTime": now - 2, "endTime": now});
        assert_eq!(messages(&get(&bed, "s", range.clone()).await), ["b", "c"]);
        let mut from_head = range;
        from_head["startFromHead"] = json!(true);
        assert_eq!(messages(&get(&bed, "s", from_head).await), ["b", "c"]);
    })
    .await;
}

#[tokio::test]
async fn a_page_holds_at_most_one_mebibyte() {
    on_memory(logs, async |bed| {
        create(&bed, &["s"]).await;
        let (now, half) = (now(&bed), "x".repeat(600_000));
        put(&bed, "s", &[(now - 1, &half)]).await;
        put(&bed, "s", &[(now, &half)]).await;
        let first = get(&bed, "s", json!({"startFromHead": true})).await;
        assert_eq!(first["events"].as_array().unwrap().len(), 1);
        let second = get(&bed, "s", json!({"nextToken": first["nextForwardToken"]})).await;
        assert_eq!(second["events"][0]["timestamp"], now);
    })
    .await;
}

#[tokio::test]
async fn many_records_are_read_in_their_order_in_both_directions() {
    on_memory(logs, async |bed| {
        create(&bed, &["s"]).await;
        let start = now(&bed) - 1_000;
        let texts: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        let events: Vec<_> = texts.iter().zip(start..).map(|(text, at)| (at, &text[..])).collect();
        put(&bed, "s", &events).await;
        assert_eq!(messages(&get(&bed, "s", json!({"startFromHead": true})).await), texts);
        assert_eq!(messages(&get(&bed, "s", json!({})).await), texts);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_read_is_refused() {
    on_memory(logs, async |bed| {
        create(&bed, &["s"]).await;
        let input = json!({"logGroupName": "g", "logStreamName": "t"});
        assert_eq!(fault(&bed, "GetLogEvents", input).await, missing_stream());
        let input = json!({"logGroupName": "g", "logStreamName": "s", "nextToken": "x/00"});
        let (code, message) = fault(&bed, "GetLogEvents", input).await;
        assert_eq!(code, "InvalidParameterException");
        assert_eq!(message, "The specified nextToken is invalid.");
        let input = json!({"logGroupName": "g", "logStreamName": "s", "unmask": true});
        assert_eq!(fault(&bed, "GetLogEvents", input).await.0, "UnsupportedOperation");
        let by_name = json!({"logGroupIdentifier": "g", "logStreamName": "s"});
        ok(&bed, "GetLogEvents", by_name).await;
    })
    .await;
}
