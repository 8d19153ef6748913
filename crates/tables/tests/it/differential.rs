//! A run by a seed, compared with a plain map in memory, under injected conflicts.

use crate::common::services;
use clock::Ids;
use kv_memory::{Faults, Faulty, MemoryEngine};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};
use testkit::Bed;

/// What the table should hold: partition and sort key to the whole item.
type Model = BTreeMap<(String, i32), Value>;

struct Run {
    bed: Bed,
    model: Model,
    random: Ids,
}

impl Run {
    async fn new(seed: u64) -> Self {
        let faults = Faults { conflict: 150, yields: 2, ..Faults::default() };
        let engine = Faulty::new(Arc::new(MemoryEngine::new()), seed, faults);
        let bed = Bed::new(Arc::new(engine), services);
        crate::common::create_sorted(&bed, "abc", "N").await;
        Self { bed, model: Model::new(), random: Ids::from_seed(seed) }
    }

    fn key(&self) -> (String, i32) {
        let partition = format!("p{}", self.random.below(3));
        (partition, self.random.below(8) as i32 - 4)
    }

    async fn ask(&self, operation: &str, mut input: Value) -> (u16, Value) {
        input["TableName"] = "abc".into();
        let reply = self.bed.root().json("dynamodb", operation, &input).await;
        (reply.status, reply.json())
    }

    async fn step(&mut self) {
        let key = self.key();
        let number = self.random.below(5);
        match self.random.below(7) {
            0 => self.put(key, number).await,
            1 => self.put_if_absent(key, number).await,
            2 => self.add(key, number).await,
            3 => self.delete_if_equal(key, number).await,
            4 => self.get(key).await,
            5 => self.query(&key, number).await,
            _ => self.scan().await,
        }
    }

    async fn put(&mut self, key: (String, i32), number: u32) {
        let item = item(&key, number);
        let input = json!({"Item": item, "ReturnValues": "ALL_OLD"});
        let (_, answer) = self.ask("PutItem", input).await;
        let old = self.model.insert(key, item);
        assert_eq!(answer["Attributes"], old.unwrap_or_default());
    }

    async fn put_if_absent(&mut self, key: (String, i32), number: u32) {
        let item = item(&key, number);
        let condition = "attribute_not_exists(p)";
        let input = json!({"Item": item, "ConditionExpression": condition});
        let (status, _) = self.ask("PutItem", input).await;
        assert_eq!(status == 200, !self.model.contains_key(&key));
        self.model.entry(key).or_insert(item);
    }

    async fn add(&mut self, key: (String, i32), number: u32) {
        let input = json!({
            "Key": key_of(&key),
            "UpdateExpression": "ADD n :n",
            "ExpressionAttributeValues": {":n": {"N": number.to_string()}},
            "ReturnValues": "UPDATED_NEW",
        });
        let (_, answer) = self.ask("UpdateItem", input).await;
        let before = self.model.get(&key).and_then(|item| item["n"]["N"].as_str()?.parse().ok());
        let after = before.unwrap_or(0) + number;
        assert_eq!(answer["Attributes"], json!({"n": {"N": after.to_string()}}));
        self.model.insert(key.clone(), item(&key, after));
    }

    async fn delete_if_equal(&mut self, key: (String, i32), number: u32) {
        let input = json!({
            "Key": key_of(&key),
            "ConditionExpression": "n = :n",
            "ExpressionAttributeValues": {":n": {"N": number.to_string()}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        });
        let (status, answer) = self.ask("DeleteItem", input).await;
        let is_equal = self.model.get(&key) == Some(&item(&key, number));
        assert_eq!(status == 200, is_equal);
        if is_equal {
            self.model.remove(&key);
        } else {
            let present = self.model.get(&key).cloned();
            assert_eq!(answer["Item"], present.unwrap_or_default());
        }
    }

    async fn get(&self, key: (String, i32)) {
        let (_, answer) = self.ask("GetItem", json!({"Key": key_of(&key)})).await;
        assert_eq!(answer["Item"], self.model.get(&key).cloned().unwrap_or_default());
    }

    async fn query(&self, key: &(String, i32), limit: u32) {
        let forward = self.random.below(2) == 0;
        let input = json!({
            "KeyConditionExpression": "p = :p AND s >= :s",
            "ExpressionAttributeValues":
                {":p": {"S": key.0}, ":s": {"N": key.1.to_string()}},
            "ScanIndexForward": forward,
            "Limit": limit + 1,
        });
        let (_, answer) = self.ask("Query", input).await;
        let range = self.model.range(key.clone()..(key.0.clone(), 100));
        let mut expected: Vec<_> = range.map(|(_, item)| item.clone()).collect();
        if !forward {
            expected.reverse();
        }
        let more = expected.len() > limit as usize;
        expected.truncate(limit as usize + 1);
        assert_eq!(answer["Items"], json!(expected));
        assert_eq!(answer["LastEvaluatedKey"].is_object(), more);
    }

    async fn scan(&self) {
        let (_, answer) = self.ask("Scan", json!({})).await;
        let mut found: Vec<String> =
            answer["Items"].as_array().expect("items").iter().map(Value::to_string).collect();
        let mut expected: Vec<String> = self.model.values().map(Value::to_string).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
        let (_, table) = self.ask("DescribeTable", json!({})).await;
        assert_eq!(table["Table"]["ItemCount"], self.model.len());
    }
}

fn key_of(key: &(String, i32)) -> Value {
    json!({"p": {"S": key.0}, "s": {"N": key.1.to_string()}})
}

fn item(key: &(String, i32), number: u32) -> Value {
    let mut item = key_of(key);
    item["n"] = json!({"N": number.to_string()});
    item
}

#[tokio::test]
async fn a_table_behaves_as_a_sorted_map_whatever_conflicts_it_meets() {
    for seed in 0..12 {
        let mut run = Run::new(seed).await;
        for _ in 0..120 {
            run.step().await;
        }
        run.scan().await;
    }
}
