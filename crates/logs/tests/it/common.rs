//! What these tests share.

use clock::Clock;
use kv::{Range, Scan};
use serde_json::{Value, json};
use service::{Definition, Job, JobRecord, Next, Platform, job};
use std::sync::Arc;
use testkit::Bed;

pub(crate) fn logs(platform: &Arc<Platform>) -> Vec<Definition> {
    vec![logs::definition(platform)]
}

pub(crate) fn arn(group: &str) -> String {
    format!("arn:aws:logs:{}:{}:log-group:{group}", testkit::REGION, testkit::ACCOUNT)
}

pub(crate) async fn ok(bed: &Bed, operation: &str, input: Value) -> Value {
    bed.ok("logs", operation, input).await
}

pub(crate) async fn fault(bed: &Bed, operation: &str, input: Value) -> (String, String) {
    bed.fault("logs", operation, input).await
}

pub(crate) fn missing_group() -> (String, String) {
    ("ResourceNotFoundException".to_owned(), "The specified log group does not exist.".to_owned())
}

pub(crate) fn missing_stream() -> (String, String) {
    ("ResourceNotFoundException".to_owned(), "The specified log stream does not exist.".to_owned())
}

/// The time now, in ms.
pub(crate) fn now(bed: &Bed) -> u64 {
    bed.clock.now().as_millis()
}

/// Makes a group `g` with these streams.
pub(crate) async fn create(bed: &Bed, streams: &[&str]) {
    ok(bed, "CreateLogGroup", json!({"logGroupName": "g"})).await;
    for stream in streams {
        let input = json!({"logGroupName": "g", "logStreamName": stream});
        ok(bed, "CreateLogStream", input).await;
    }
}

/// Puts messages with times into a stream of `g`.
pub(crate) async fn put(bed: &Bed, stream: &str, events: &[(u64, &str)]) -> Value {
    let events: Vec<Value> =
        events.iter().map(|(time, text)| json!({"timestamp": time, "message": text})).collect();
    let input = json!({"logGroupName": "g", "logStreamName": stream, "logEvents": events});
    ok(bed, "PutLogEvents", input).await
}

/// Gets a page of a stream of `g`; `more` are further members.
pub(crate) async fn get(bed: &Bed, stream: &str, more: Value) -> Value {
    let mut input = json!({"logGroupName": "g", "logStreamName": stream});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ok(bed, "GetLogEvents", input).await
}

/// The messages of a page.
pub(crate) fn messages(page: &Value) -> Vec<&str> {
    page["events"].as_array().unwrap().iter().map(|e| e["message"].as_str().unwrap()).collect()
}

/// Runs every job that is due, step by step; how many steps were taken.
pub(crate) async fn run_jobs(bed: &Bed) -> usize {
    let (account, region) = (&bed.platform.account, &bed.platform.region);
    let kinds = logs::definition(&bed.platform).jobs;
    let mut steps = 0;
    loop {
        let now = bed.clock.now();
        let all = job::all(account, region);
        let due = Range::new(
            all.start.clone(),
            job::key(account, region, now + std::time::Duration::from_millis(1), &id(0)),
        );
        let entries = bed.platform.store.begin().scan(&due, Scan::first(1)).await.unwrap();
        let Some(entry) = entries.first() else { return steps };
        let mut record: JobRecord = kv::decode_record(&entry.value).unwrap();
        let kind: &Arc<dyn Job> = kinds.iter().find(|job| job.kind() == record.kind).unwrap();
        let next = kind.step(&record).await.unwrap();
        steps += 1;
        let mut tx = bed.platform.store.begin();
        tx.delete(entry.key.clone()).unwrap();
        if let Next::Again { cursor, after } = next {
            record.cursor = cursor;
            job::enqueue(&mut tx, account, region, now + after, &record).unwrap();
        }
        tx.commit().await.unwrap();
    }
}

fn id(byte: u8) -> types::RequestId {
    types::RequestId::from_random([byte; 16])
}

/// How many keys of the service there are.
pub(crate) async fn keys_left(bed: &Bed) -> usize {
    let first = kv::Tag(service::tag::LOGS).range().start;
    let behind = kv::Tag(service::tag::LOGS + 31).range().end;
    let mut tx = bed.platform.store.begin();
    tx.scan(&Range::new(first, behind), Scan::first(usize::MAX)).await.unwrap().len()
}
