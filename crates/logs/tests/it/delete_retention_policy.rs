use crate::common::{create, fault, get, logs, messages, missing_group, now, ok, put, run_jobs};
use serde_json::json;
use std::time::Duration;
use testkit::on_memory;

#[tokio::test]
async fn without_a_retention_events_stay() {
    on_memory(logs, async |bed| {
        let group = json!({"logGroupName": "g"});
        assert_eq!(fault(&bed, "DeleteRetentionPolicy", group.clone()).await, missing_group());
        create(&bed, &["s"]).await;
        put(&bed, "s", &[(now(&bed), "kept")]).await;
        let days = json!({"logGroupName": "g", "retentionInDays": 1});
        ok(&bed, "PutRetentionPolicy", days).await;
        ok(&bed, "DeleteRetentionPolicy", group).await;
        bed.advance(Duration::from_secs(10 * 86_400));
        assert_eq!(run_jobs(&bed).await, 1, "the sweep ends");
        bed.advance(Duration::from_secs(86_400));
        assert_eq!(run_jobs(&bed).await, 0);
        assert_eq!(messages(&get(&bed, "s", json!({})).await), ["kept"]);
        let answer = ok(&bed, "DescribeLogGroups", json!({})).await;
        assert!(answer["logGroups"][0].get("retentionInDays").is_none());
    })
    .await;
}
