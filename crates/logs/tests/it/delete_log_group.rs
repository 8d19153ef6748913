use crate::common::{
    create, fault, get, keys_left, logs, messages, missing_group, now, ok, put, run_jobs,
};
use serde_json::json;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_deleted_group_is_gone_and_another_of_its_name_is_empty() {
    on_every_engine(logs, async |bed| {
        create(&bed, &["s"]).await;
        put(&bed, "s", &[(now(&bed), "old")]).await;
        ok(&bed, "DeleteLogGroup", json!({"logGroupName": "g"})).await;
        let input = json!({"logGroupName": "g", "logStreamName": "s"});
        assert_eq!(fault(&bed, "GetLogEvents", input).await, missing_group());
        create(&bed, &["s"]).await;
        assert!(messages(&get(&bed, "s", json!({})).await).is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_job_deletes_all_that_a_group_held() {
    on_memory(logs, async |bed| {
        create(&bed, &["s", "t"]).await;
        for round in 0..3 {
            let events: Vec<_> = (0..400).map(|n| (now(&bed) + n * 2 + round, "x")).collect();
            put(&bed, "s", &events).await;
        }
        ok(&bed, "DeleteLogGroup", json!({"logGroupName": "g"})).await;
        assert!(keys_left(&bed).await > 1_200);
        assert!(run_jobs(&bed).await > 2, "it takes bounded steps");
        assert_eq!(keys_left(&bed).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_group_that_does_not_exist_cannot_be_deleted() {
    on_memory(logs, async |bed| {
        let input = json!({"logGroupName": "g"});
        assert_eq!(fault(&bed, "DeleteLogGroup", input).await, missing_group());
    })
    .await;
}
