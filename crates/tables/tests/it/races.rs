//! Many callers, one winner.

use crate::common::{create_plain, get, services};
use futures_util::future::join_all;
use kv_memory::{Faults, Faulty, MemoryEngine};
use serde_json::json;
use std::sync::Arc;
use testkit::{Bed, on_every_engine};

#[tokio::test]
async fn of_racing_conditional_puts_exactly_one_wins() {
    on_every_engine(services, async |bed| {
        create_plain(&bed, "abc").await;
        let race = (0..32).map(|racer: u32| {
            let input = json!({
                "TableName": "abc",
                "Item": {"p": {"S": "lock"}, "owner": {"N": racer.to_string()}},
                "ConditionExpression": "attribute_not_exists(p)",
            });
            let client = bed.root();
            async move { client.json("dynamodb", "PutItem", &input).await.status }
        });
        let statuses = join_all(race).await;
        let winners: Vec<usize> = (0..32).filter(|racer| statuses[*racer] == 200).collect();
        assert_eq!(winners.len(), 1);
        assert!(statuses.iter().all(|status| matches!(status, 200 | 400)), "{statuses:?}");
        let owner = get(&bed, "abc", "lock").await["owner"]["N"].clone();
        assert_eq!(owner, winners[0].to_string());
    })
    .await;
}

#[tokio::test]
async fn racing_increments_are_all_counted() {
    for seed in 0..4 {
        let faults = Faults { conflict: 200, yields: 4, ..Faults::default() };
        let bed =
            Bed::new(Arc::new(Faulty::new(Arc::new(MemoryEngine::new()), seed, faults)), services);
        create_plain(&bed, "abc").await;
        let race = (0..8).map(|_| {
            let input = json!({
                "TableName": "abc",
                "Key": {"p": {"S": "counter"}},
                "UpdateExpression": "SET n = if_not_exists(n, :zero) + :one",
                "ExpressionAttributeValues": {":zero": {"N": "0"}, ":one": {"N": "1"}},
            });
            let client = bed.root();
            async move {
                for _ in 0..4 {
                    client.ok("dynamodb", "UpdateItem", input.clone()).await;
                }
            }
        });
        join_all(race).await;
        assert_eq!(get(&bed, "abc", "counter").await["n"], json!({"N": "32"}));
    }
}

#[tokio::test]
async fn of_racing_tables_of_one_name_exactly_one_is_made() {
    on_every_engine(services, async |bed| {
        let race = (0..8).map(|_| {
            let input = json!({
                "TableName": "abc",
                "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
            });
            let client = bed.root();
            async move { client.json("dynamodb", "CreateTable", &input).await.status }
        });
        let statuses = join_all(race).await;
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
    })
    .await;
}
