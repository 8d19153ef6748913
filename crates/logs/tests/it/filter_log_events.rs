use crate::common::{create, fault, logs, messages, missing_stream, now, ok, put};
use serde_json::{Value, json};
use testkit::{Bed, on_every_engine, on_memory};

async fn filter(bed: &Bed, more: Value) -> Value {
    let mut input = json!({"logGroupName": "g"});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ok(bed, "FilterLogEvents", input).await
}

/// All messages, page by page.
async fn all(bed: &Bed, mut more: Value) -> Vec<String> {
    let mut found = Vec::new();
    for _ in 0..1_000 {
        let page = filter(bed, more.clone()).await;
        found.extend(messages(&page).into_iter().map(str::to_owned));
        match page.get("nextToken") {
            Some(token) => more["nextToken"] = token.clone(),
            None => return found,
        }
    }
    panic!("the search does not end");
}

#[tokio::test]
async fn streams_are_interleaved_by_time_whatever_the_page() {
    on_every_engine(logs, async |bed| {
        create(&bed, &["a", "b", "c"]).await;
        let start = now(&bed) - 1_000;
        let mut expected = Vec::new();
        for (index, stream) in ["a", "b", "c"].into_iter().enumerate() {
            let texts: Vec<(u64, String)> = (0..40)
                .map(|n| start + n * 3 + index as u64)
                .map(|time| (time, format!("{time} {stream}")))
                .collect();
            let events: Vec<_> = texts.iter().map(|(time, text)| (*time, &text[..])).collect();
            put(&bed, stream, &events).await;
            expected.extend(texts.into_iter().map(|(_, text)| text));
        }
        expected.sort();
        for limit in [1_000, 50, 7] {
            assert_eq!(all(&bed, json!({"limit": limit})).await, expected, "limit {limit}");
        }
        let page = filter(&bed, json!({"limit": 1})).await;
        assert_eq!(page["events"][0]["logStreamName"], "a");
        assert_eq!(page["events"][0]["timestamp"], start);
        assert_eq!(page["searchedLogStreams"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn events_of_one_millisecond_are_all_found_once_page_by_page() {
    on_memory(logs, async |bed| {
        create(&bed, &["a", "b", "c"]).await;
        let now = now(&bed);
        for stream in ["a", "b", "c"] {
            for round in 0..2 {
                let texts: Vec<_> = (0..5).map(|n| format!("{stream}{round}{n}")).collect();
                let events: Vec<_> = texts.iter().map(|text| (now, &text[..])).collect();
                put(&bed, stream, &events).await;
            }
        }
        let mut found = all(&bed, json!({"limit": 4})).await;
        assert_eq!(found.len(), 30);
        found.sort();
        found.dedup();
        assert_eq!(found.len(), 30);
        let page = filter(&bed, json!({})).await;
        let ids: std::collections::BTreeSet<_> =
            page["events"].as_array().unwrap().iter().map(|e| e["eventId"].to_string()).collect();
        assert_eq!(ids.len(), 30);
    })
    .await;
}

#[tokio::test]
async fn streams_can_be_chosen_by_name_or_prefix_and_events_by_time() {
    on_every_engine(logs, async |bed| {
        create(&bed, &["x/1", "x/2", "y"]).await;
        let now = now(&bed);
        for (stream, age) in [("x/1", 3), ("x/2", 2), ("y", 1)] {
            put(&bed, stream, &[(now - age, stream)]).await;
        }
        assert_eq!(all(&bed, json!({"logStreamNamePrefix": "x/"})).await, ["x/1", "x/2"]);
        assert_eq!(all(&bed, json!({"logStreamNames": ["y", "x/1", "y"]})).await, ["x/1", "y"]);
        assert_eq!(all(&bed, json!({"startTime": now - 2})).await, ["x/2", "y"]);
        assert_eq!(all(&bed, json!({"endTime": now - 2})).await, ["x/1", "x/2"]);
        let missing = json!({"logGroupName": "g", "logStreamNames": ["none"]});
        assert_eq!(fault(&bed, "FilterLogEvents", missing).await, missing_stream());
    })
    .await;
}

#[tokio::test]
async fn patterns_choose_messages() {
    on_memory(logs, async |bed| {
        create(&bed, &["s"]).await;
        let now = now(&bed);
        put(
            &bed,
            "s",
            &[
                (now - 3, "ERROR one"),
                (now - 2, "WARN two"),
                (now - 1, r#"{"level":"ERROR","ms":12}"#),
                (now, "INFO three"),
            ],
        )
        .await;
        let found = async |pattern: &str| all(&bed, json!({"filterPattern": pattern})).await;
        assert_eq!(found("").await.len(), 4);
        assert_eq!(found("ERROR one").await, ["ERROR one"]);
        assert_eq!(found("?WARN ?INFO").await, ["WARN two", "INFO three"]);
        assert_eq!(found("ERROR -one").await.len(), 1);
        assert_eq!(found("{ $.ms > 10 }").await.len(), 1);
        let mut paged = json!({"filterPattern": "INFO", "limit": 1});
        assert_eq!(all(&bed, paged.take()).await, ["INFO three"]);
    })
    .await;
}

#[tokio::test]
async fn a_search_that_looks_at_much_goes_on_with_its_token() {
    on_memory(logs, async |bed| {
        create(&bed, &["a", "b"]).await;
        let (now, large) = (now(&bed), "x".repeat(1_000_000));
        for n in 0..40 {
            put(&bed, ["a", "b"][n as usize % 2], &[(now - 100 + n, &large)]).await;
        }
        put(&bed, "a", &[(now, "needle")]).await;
        let page = filter(&bed, json!({"filterPattern": "needle"})).await;
        assert!(messages(&page).is_empty() && page["nextToken"].is_string());
        assert_eq!(all(&bed, json!({"filterPattern": "needle"})).await, ["needle"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_malformed_or_not_supported_is_refused() {
    on_memory(logs, async |bed| {
        create(&bed, &[]).await;
        for (more, code) in [
            (json!({"filterPattern": "[a, b]"}), "UnsupportedOperation"),
            (json!({"filterPattern": "%a%"}), "UnsupportedOperation"),
            (json!({"filterPattern": "a/b"}), "InvalidParameterException"),
            (json!({"filterPattern": "{ $.a"}), "InvalidParameterException"),
            (json!({"startFromHead": false}), "UnsupportedOperation"),
            (json!({"unmask": true}), "UnsupportedOperation"),
            (json!({"nextToken": "00"}), "InvalidParameterException"),
            (
                json!({"logStreamNames": ["a"], "logStreamNamePrefix": "a"}),
                "InvalidParameterException",
            ),
        ] {
            let mut input = json!({"logGroupName": "g"});
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            assert_eq!(fault(&bed, "FilterLogEvents", input).await.0, code, "{more}");
        }
        filter(&bed, json!({"interleaved": true, "startFromHead": true, "unmask": false})).await;
    })
    .await;
}
