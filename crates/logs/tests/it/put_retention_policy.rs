use crate::common::{create, fault, get, logs, messages, missing_group, now, ok, put, run_jobs};
use serde_json::json;
use std::time::Duration;
use testkit::{on_every_engine, on_memory};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn expired_events_are_not_returned() {
    on_every_engine(logs, async |bed| {
        create(&bed, &["s"]).await;
        put(&bed, "s", &[(now(&bed), "old")]).await;
        let days = json!({"logGroupName": "g", "retentionInDays": 3});
        ok(&bed, "PutRetentionPolicy", days).await;
        let answer = ok(&bed, "DescribeLogGroups", json!({})).await;
        assert_eq!(answer["logGroups"][0]["retentionInDays"], 3);
        bed.advance(3 * DAY);
        assert_eq!(messages(&get(&bed, "s", json!({})).await), ["old"]);
        bed.advance(Duration::from_millis(1));
        assert!(messages(&get(&bed, "s", json!({})).await).is_empty());
        let found = ok(&bed, "FilterLogEvents", json!({"logGroupName": "g"})).await;
        assert!(messages(&found).is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_job_deletes_expired_events_for_as_long_as_the_group_lives() {
    on_memory(logs, async |bed| {
        let streams: Vec<String> = (0..120).map(|n| format!("s{n:03}")).collect();
        create(&bed, &streams.iter().map(String::as_str).collect::<Vec<_>>()).await;
        for stream in &streams {
            put(&bed, stream, &[(now(&bed), "old")]).await;
        }
        let many: Vec<_> = (0..1_200).map(|n| (now(&bed) + n, "x")).collect();
        put(&bed, "s000", &many).await;
        let days = json!({"logGroupName": "g", "retentionInDays": 1});
        ok(&bed, "PutRetentionPolicy", days.clone()).await;
        ok(&bed, "PutRetentionPolicy", days.clone()).await;
        assert_eq!(run_jobs(&bed).await, 2, "one job, in steps of 100 streams");
        bed.advance(Duration::from_secs(3_600));
        put(&bed, "s007", &[(now(&bed), "new")]).await;
        bed.advance(DAY - Duration::from_secs(1_800));
        assert!(run_jobs(&bed).await > 3);
        ok(&bed, "DeleteRetentionPolicy", json!({"logGroupName": "g"})).await;
        let found = ok(&bed, "FilterLogEvents", json!({"logGroupName": "g"})).await;
        assert_eq!(messages(&found), ["new"]);
        ok(&bed, "PutRetentionPolicy", days).await;
        ok(&bed, "DeleteLogGroup", json!({"logGroupName": "g"})).await;
        run_jobs(&bed).await;
        bed.advance(DAY);
        assert_eq!(run_jobs(&bed).await, 1, "the sweep ends with its group");
        bed.advance(DAY);
        assert_eq!(run_jobs(&bed).await, 0);
    })
    .await;
}

#[tokio::test]
async fn only_official_numbers_of_days_are_taken() {
    on_memory(logs, async |bed| {
        let days = |days: i64| json!({"logGroupName": "g", "retentionInDays": days});
        assert_eq!(fault(&bed, "PutRetentionPolicy", days(7)).await, missing_group());
        create(&bed, &[]).await;
        for bad in [0, 2, -1, 4_000] {
            let (code, message) = fault(&bed, "PutRetentionPolicy", days(bad)).await;
            assert_eq!(code, "InvalidParameterException");
            let start = format!("1 validation error detected: Value '{bad}' at 'retentionInDays'");
            assert!(message.starts_with(&start), "{message}");
        }
    })
    .await;
}
