//! A platform with all services, and a look at everything that it stores.

use super::meddler::Meddler;
use crate::{Endpoint, Limits, services};
use bytes::Bytes;
use clock::{Clock, Ids, ManualClock};
use dispatch::Dispatcher;
use kv::{Engine, Entry, KeyReader, Range, Scan, Store};
use kv_memory::MemoryEngine;
use serde_json::{Value, json};
use service::{
    Caller, Calls, Fault, Job, JobRecord, Next, Platform, PublicUrl,
    delivery::{self, Delivery},
    job, tag,
};
use std::{collections::BTreeMap, fmt::Write, path::Path, sync::Arc, time::Duration};
use tempfile::TempDir;
use types::Timestamp;

pub(super) struct World {
    pub(super) meddler: Arc<Meddler>,
    /// The CloudFormation resource types.
    pub(super) types: Vec<&'static str>,
    platform: Arc<Platform>,
    clock: ManualClock,
    dispatcher: Arc<Dispatcher>,
    kinds: Vec<Arc<dyn Job>>,
    data: TempDir,
}

/// What creates or updates the stack `shop`.
pub(super) fn input(template: &str) -> Value {
    let capabilities = ["CAPABILITY_NAMED_IAM"];
    json!({"StackName": "shop", "TemplateBody": template, "Capabilities": capabilities})
}

/// Everything that is stored: a readable key, and the value, which of a record is its JSON.
pub(super) type Dump = BTreeMap<String, Value>;

impl World {
    pub(super) async fn new() -> Self {
        Self::on(Arc::new(MemoryEngine::new()), tempfile::tempdir().unwrap()).await
    }

    /// A platform on an engine, with its other files in a folder.
    pub(super) async fn on(engine: Arc<dyn Engine>, data: TempDir) -> Self {
        let clock = ManualClock::new(Timestamp::from_secs(1_800_000_000));
        let platform = Arc::new(Platform::new(
            Store::from_engine(engine),
            Arc::new(clock.clone()),
            PublicUrl::new("http://127.0.0.1:4566"),
            "000000000000".parse().unwrap(),
            "eu-central-1".parse().unwrap(),
        ));
        let services = services::build(super::parts(platform.clone(), data.path())).unwrap();
        services.iam.ensure_root_key(&platform.store).await.unwrap();
        let definitions = &services.definitions;
        let ids = Ids::from_seed(7);
        let built = Dispatcher::new(definitions, services.iam.clone(), platform.clone(), ids);
        let dispatcher = Arc::new(built.unwrap());
        let meddler = Arc::new(Meddler::new(dispatcher.clone()));
        platform.connect(meddler.clone(), services.iam.clone(), definitions);
        let resources = definitions.iter().flat_map(|definition| &definition.resources);
        let mut types: Vec<_> = resources.map(|provider| provider.resource_type()).collect();
        types.sort_unstable();
        let kinds = services.jobs();
        Self { meddler, types, platform, clock, dispatcher, kinds, data }
    }

    /// Calls an operation as the account's root.
    pub(super) async fn call(
        &self,
        service: &str,
        operation: &str,
        input: Value,
    ) -> Result<Value, Fault> {
        let root = Caller::root(self.platform.account.clone());
        self.dispatcher.call(&root, service, operation, input).await
    }

    /// What serves listeners.
    pub(super) fn endpoint(&self) -> Endpoint {
        Endpoint::new(self.dispatcher.clone(), Limits::default())
    }

    /// Puts an object into a bucket.
    pub(super) async fn put_object(&self, bucket: &str, key: &str, text: &'static str) {
        let root = Caller::root(self.platform.account.clone());
        let input = json!({"Bucket": bucket, "Key": key, "ContentLength": text.len()});
        let body = Bytes::from_static(text.as_bytes());
        let put = self.dispatcher.call_with_body(&root, "s3", "PutObject", input, body, 0);
        put.await.unwrap();
    }

    /// Answers what custom resources were asked, as their function would.
    async fn answer_events(&self) {
        for event in self.meddler.events() {
            let event: Value = serde_json::from_slice(&event).unwrap();
            let url = event["ResponseURL"].as_str().unwrap();
            let mut answer = json!({"Status": "SUCCESS", "PhysicalResourceId": "seed"});
            for name in ["StackId", "RequestId", "LogicalResourceId"] {
                answer[name].clone_from(&event[name]);
            }
            let (parts, ()) = http::Request::put(url).body(()).unwrap().into_parts();
            let body = Bytes::from(answer.to_string());
            let reply = self.dispatcher.handle(parts, body, [127, 0, 0, 1].into()).await;
            assert!([200, 404].contains(&reply.status().as_u16()), "{event}");
        }
        // They have been delivered.
        let (platform, mut tx) = (&self.platform, self.platform.store.begin());
        let all = delivery::all(&platform.account, &platform.region);
        for entry in tx.scan(&all, Scan::first(usize::MAX)).await.unwrap() {
            let delivery: Delivery = kv::decode_record(&entry.value).unwrap();
            if delivery.state["payload"].is_object() {
                tx.delete(entry.key).unwrap();
            }
        }
        tx.commit().await.unwrap();
    }

    /// Calls an operation of CloudFormation, which must succeed.
    pub(super) async fn ok(&self, operation: &str, input: Value) -> Value {
        let answer = self.call("cloudformation", operation, input.clone()).await;
        answer.unwrap_or_else(|fault| panic!("{operation} {input}: {fault}"))
    }

    /// Where everything beside the store is.
    pub(super) fn folder(&self) -> &Path {
        self.data.path()
    }

    /// The state of a stack.
    pub(super) async fn status(&self, stack: &str) -> String {
        let answer = self.ok("DescribeStacks", json!({"StackName": stack})).await;
        answer["Stacks"][0]["StackStatus"].as_str().unwrap().to_owned()
    }

    /// The events of a stack, the oldest first, for messages of tests.
    pub(super) async fn story(&self, stack: &str) -> String {
        let answer = self.ok("DescribeStackEvents", json!({"StackName": stack})).await;
        let mut story = String::new();
        for event in answer["StackEvents"].as_array().unwrap().iter().rev() {
            let text = |name: &str| event[name].as_str().unwrap_or_default();
            let (id, status) = (text("LogicalResourceId"), text("ResourceStatus"));
            writeln!(story, "{id} {status} {}", text("ResourceStatusReason")).unwrap();
        }
        story
    }

    /// The physical ids of a stack's resources.
    pub(super) async fn physical_ids(&self, stack: &str) -> BTreeMap<String, String> {
        let answer = self.ok("ListStackResources", json!({"StackName": stack})).await;
        let resources = answer["StackResourceSummaries"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let pair =
            |one: &Value| (text(&one["LogicalResourceId"]), text(&one["PhysicalResourceId"]));
        resources.iter().map(pair).collect()
    }

    /// Runs every job that is due until this time has passed, in their order. Those that come again
    /// and again for as long as something exists run once, at the end.
    pub(super) async fn work_for(&self, time: Duration) {
        let end = self.clock.now() + time;
        while let Some((due, entry, record)) =
            self.jobs().await.into_iter().find(|(due, _, job)| *due <= end && !comes_again(job))
        {
            let now = self.clock.now();
            if due > now {
                self.clock.advance(due.since(now));
            }
            self.run(entry, record).await;
            self.answer_events().await;
        }
        self.clock.advance(end.since(self.clock.now()));
        for (_, entry, record) in self.jobs().await.into_iter().filter(|(due, ..)| *due <= end) {
            self.run(entry, record).await;
        }
    }

    async fn run(&self, entry: Entry, record: JobRecord) {
        let job = self.kinds.iter().find(|job| job.kind() == record.kind).unwrap();
        let next = job.step(&record).await.unwrap();
        let mut tx = self.platform.store.begin();
        tx.delete(entry.key).unwrap();
        if let Next::Again { cursor, after } = next {
            let (now, record) = (self.clock.now(), JobRecord { cursor, ..record });
            let (account, region) = (&self.platform.account, &self.platform.region);
            job::enqueue(&mut tx, account, region, now + after, &record).unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// The jobs in the order in which they are due.
    async fn jobs(&self) -> Vec<(Timestamp, Entry, JobRecord)> {
        let all = job::all(&self.platform.account, &self.platform.region);
        let mut tx = self.platform.store.begin();
        let entries = tx.scan(&all, Scan::first(usize::MAX).snapshot()).await.unwrap();
        let read = |entry: Entry| {
            let mut key = KeyReader::new(tag::JOB, &entry.key).unwrap();
            let due = (key.str().unwrap(), key.str().unwrap(), key.u64().unwrap()).2;
            let record = kv::decode_record(&entry.value).unwrap();
            (Timestamp::from_millis(due), entry, record)
        };
        entries.into_iter().map(read).collect()
    }

    /// Everything in the store, and the files beside it. Of a job that comes again and again it is
    /// of no concern when it is due.
    pub(super) async fn dump(&self) -> Dump {
        let range = Range::new(vec![0].into(), vec![0xff; 8].into());
        let mut tx = self.platform.store.begin();
        let entries = tx.scan(&range, Scan::first(usize::MAX)).await.unwrap();
        let mut dump: Dump =
            entries.iter().filter(|entry| !is_counter(entry)).map(readable).collect();
        let mut folders = vec![self.data.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    dump.insert(format!("file {}", path.display()), Value::Null);
                }
            }
        }
        dump
    }
}

fn tag_of(entry: &Entry) -> u16 {
    u16::from_be_bytes([entry.key[0], entry.key[1]])
}

fn comes_again(job: &JobRecord) -> bool {
    matches!(job.kind.as_str(), "queues.expire" | "logs.sweep")
}

/// What stays when everything is deleted, and holds nothing: by what the router sees that mappings
/// have changed, by what caches see that managed policies have, the last number of a function's
/// versions, which is not given twice, and a count of users, roles or parameters that is
/// zero again.
fn is_counter(entry: &Entry) -> bool {
    const POLICY_EPOCH: u16 = tag::IAM + 6;
    const COUNTS: [u16; 2] = [tag::IAM + 7, tag::SECRETS + 2];
    const LAST_VERSION: u16 = tag::FUNCTIONS + 6;
    let tag = tag_of(entry);
    [tag::MAPPING_VERSION.0, POLICY_EPOCH, LAST_VERSION].contains(&tag)
        || (COUNTS.contains(&tag) && entry.value.iter().all(|byte| *byte == 0))
}

fn readable(entry: &Entry) -> (String, Value) {
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
    let tag = tag_of(entry);
    if tag == tag::JOB.0 {
        let record: JobRecord = kv::decode_record(&entry.value).unwrap();
        return (format!("job {} {}", record.kind, record.cursor), Value::Null);
    }
    let json = entry.value.split_first().and_then(|(_, json)| serde_json::from_slice(json).ok());
    let value = json.unwrap_or_else(|| text(&entry.value).into());
    (format!("{tag:04x} {}", text(&entry.key[2..])), value)
}
