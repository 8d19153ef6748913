use crate::common::{
    create, fault, get, keys_left, logs, messages, missing_stream, now, ok, put, run_jobs,
};
use serde_json::json;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_deleted_stream_takes_its_events_along_and_leaves_the_others() {
    on_every_engine(logs, async |bed| {
        create(&bed, &["s", "t"]).await;
        put(&bed, "s", &[(now(&bed), "a")]).await;
        put(&bed, "t", &[(now(&bed), "b")]).await;
        let input = json!({"logGroupName": "g", "logStreamName": "s"});
        ok(&bed, "DeleteLogStream", input.clone()).await;
        assert_eq!(fault(&bed, "GetLogEvents", input.clone()).await, missing_stream());
        assert_eq!(fault(&bed, "DeleteLogStream", input).await, missing_stream());
        let found = ok(&bed, "FilterLogEvents", json!({"logGroupName": "g"})).await;
        assert_eq!(messages(&found), ["b"]);
    })
    .await;
}

#[tokio::test]
async fn a_job_deletes_the_events_and_counts_them_out() {
    on_memory(logs, async |bed| {
        create(&bed, &["s", "t"]).await;
        let before = keys_left(&bed).await;
        put(&bed, "s", &[(now(&bed), "aaaa")]).await;
        let stored = async || {
            let answer = ok(&bed, "DescribeLogGroups", json!({})).await;
            answer["logGroups"][0]["storedBytes"].clone()
        };
        assert_eq!(stored().await, 30);
        ok(&bed, "DeleteLogStream", json!({"logGroupName": "g", "logStreamName": "s"})).await;
        run_jobs(&bed).await;
        assert_eq!(stored().await, 0);
        // The stream and its place are gone; the count of the group has come.
        assert_eq!(keys_left(&bed).await, before - 1);
        assert!(messages(&get(&bed, "t", json!({})).await).is_empty());
    })
    .await;
}
