//! A target for events: it keeps what it was given in the store, in the order of the commits.

use crate::common::objects;
use futures_util::future::BoxFuture;
use kv::{Key, KeyBuilder, Scan, Tag, Transaction};
use serde_json::Value;
use service::{Caller, Definition, Platform, Refusal, Target, delivery::Delivery};
use std::sync::Arc;
use testkit::Bed;
use types::Timestamp;

const RECEIVED: Tag = Tag(0xf000);

/// Takes what comes from buckets, except where its name says that it is missing.
struct FakeQueue;

fn prefix(name: &str) -> Key {
    KeyBuilder::new(RECEIVED).str(name).build()
}

impl Target for FakeQueue {
    fn service(&self) -> &'static str {
        "sqs"
    }

    fn apply<'a>(
        &'a self,
        tx: &'a mut Transaction,
        caller: &'a Caller,
        delivery: &'a Delivery,
        _now: Timestamp,
    ) -> BoxFuture<'a, Result<(), Refusal>> {
        Box::pin(async move {
            let source = caller.conditions.iter().find(|(name, _)| *name == "aws:SourceArn");
            let from_bucket = source.is_some_and(|(_, arn)| arn.starts_with("arn:aws:s3:::"));
            let name = delivery.target.resource();
            if name == "missing" || !from_bucket || delivery.principal != "s3.amazonaws.com" {
                let (code, message) = ("QueueDoesNotExist".to_owned(), "gone".to_owned());
                return Err(Refusal::Refused { code, message });
            }
            let payload = delivery.payload.clone().into();
            Ok(tx.put_versionstamped(prefix(name), &[], payload)?)
        })
    }
}

pub(crate) fn objects_and_queue(platform: &Arc<Platform>) -> Vec<Definition> {
    let model = r#"{"metadata": {"apiVersion": "2012-11-05", "protocol": "json",
        "jsonVersion": "1.0", "targetPrefix": "AmazonSQS"},
        "operations": {}, "shapes": {}}"#;
    let mut queue = Definition::new("sqs", model, Vec::new());
    queue.targets = vec![Arc::new(FakeQueue)];
    let mut definitions = objects(platform);
    definitions.push(queue);
    definitions
}

pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:sqs:{}:{}:{name}", testkit::REGION, testkit::ACCOUNT)
}

/// What the queue of a name was given.
pub(crate) async fn received(bed: &Bed, name: &str) -> Vec<Value> {
    let range = kv::Range::prefix(&prefix(name));
    let entries = bed.platform.store.begin().scan(&range, Scan::first(10_000)).await;
    let entries = entries.expect("a scan");
    entries.iter().map(|entry| serde_json::from_slice(&entry.value).expect("JSON")).collect()
}
