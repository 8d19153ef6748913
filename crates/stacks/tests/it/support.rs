//! A platform with stacks and things: resources that fail when they are told to.

use bytes::Bytes;
use clock::{Clock, Ids};
use dispatch::Dispatcher;
use futures_util::future::BoxFuture;
use kv::{Engine, Entry, KeyReader, Range, Scan, Store};
use kv_memory::MemoryEngine;
use serde_json::{Map, Value, json};
use service::{
    Caller, Calls, Change, Definition, Desired, Fault, Job, JobRecord, Next, Platform, Property,
    PropertyError, PublicUrl, Resource, ResourceContext, ResourceProvider, job, tag,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};
use testkit::{ACCOUNT, Bed, PUBLIC_URL, REGION, TestIdentities};
use types::Timestamp;

pub(crate) type Existing = BTreeMap<String, Map<String, Value>>;

/// What a thing's service remembers.
#[derive(Default)]
pub(crate) struct Memory {
    /// What exists, by physical id.
    pub(crate) things: Existing,
    /// Every call: `create A`.
    pub(crate) calls: Vec<String>,
    /// Which calls fail, with which status, how often.
    pub(crate) failures: HashMap<String, (u16, usize)>,
    /// A call that works this often and then fails once.
    pub(crate) fail_after: Option<(String, usize)>,
    /// Calls under way, and the most that ever were.
    pub(crate) flying: usize,
    pub(crate) most_flying: usize,
    /// The callers that things were touched as.
    pub(crate) callers: Vec<String>,
}

/// `Test::Thing::Thing`, or the type in the second field.
#[derive(Clone, Default)]
pub(crate) struct Things(pub(crate) Arc<Mutex<Memory>>, Option<&'static str>);

impl Things {
    pub(crate) fn existing(&self) -> Existing {
        self.0.lock().unwrap().things.clone()
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().calls)
    }

    /// Lets a call such as `create A` fail that often.
    pub(crate) fn fail(&self, call: &str, status: u16, times: usize) {
        self.0.lock().unwrap().failures.insert(call.to_owned(), (status, times));
    }

    async fn call(&self, cx: &ResourceContext, what: &str) -> Result<(), Fault> {
        let call = format!("{what} {}", cx.logical_id);
        {
            let mut memory = self.0.lock().unwrap();
            memory.calls.push(call.clone());
            memory.callers.push(cx.caller.principal.display_name());
            memory.flying += 1;
            memory.most_flying = memory.most_flying.max(memory.flying);
        }
        if cx.logical_id == "Asks" {
            cx.call("cloudformation", "ListExports", json!({})).await?;
        }
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        let mut memory = self.0.lock().unwrap();
        memory.flying -= 1;
        if let Some((which, works)) = &mut memory.fail_after
            && *which == call
        {
            if *works == 0 {
                memory.fail_after = None;
                return Err(Fault::sender("ThingBroken", "late"));
            }
            *works -= 1;
        }
        let Some((status, times)) = memory.failures.get_mut(&call) else { return Ok(()) };
        if *times == 0 {
            return Ok(());
        }
        *times -= 1;
        Err(Fault::sender("ThingBroken", format!("{call} was told to fail")).status(*status))
    }
}

const PROPERTIES: [Property; 5] = [
    Property { name: "Name", change: Change::Replace },
    Property { name: "Fixed", change: Change::Replace },
    Property { name: "Size", change: Change::InPlace },
    Property { name: "Link", change: Change::InPlace },
    Property { name: "Tags", change: Change::InPlace },
];

fn resource(cx: &ResourceContext, id: &str) -> Resource {
    let attributes = json!({"Arn": format!("arn:{}:{id}", cx.logical_id)});
    let Value::Object(attributes) = attributes else { unreachable!() };
    Resource { physical_id: id.to_owned(), attributes }
}

fn stored(cx: &ResourceContext, properties: &Map<String, Value>) -> Map<String, Value> {
    let mut stored = properties.clone();
    stored.insert("AllTags".to_owned(), json!(cx.tags(properties.get("Tags"))));
    stored
}

impl ResourceProvider for Things {
    fn resource_type(&self) -> &'static str {
        self.1.unwrap_or("Test::Thing::Thing")
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Arn"]
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), PropertyError> {
        match properties.get("Size").and_then(Value::as_i64) {
            Some(size) if size > 100 => Err(PropertyError {
                path: "Size".to_owned(),
                message: "must be at most 100".to_owned(),
            }),
            _ => Ok(()),
        }
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            self.call(cx, "create").await?;
            let name = desired.properties.get("Name").and_then(Value::as_str);
            let id = name.unwrap_or(desired.generated_name);
            let mut memory = self.0.lock().unwrap();
            memory.things.insert(id.to_owned(), stored(cx, desired.properties));
            Ok(resource(cx, id))
        })
    }

    fn update<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        before: &'a Map<String, Value>,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let failed = self.call(cx, "update").await;
            // A failed update may have happened in part.
            let mut memory = self.0.lock().unwrap();
            let mut thing = stored(cx, desired.properties);
            // Tags are changed by their difference, as services do it.
            let old = memory.things.get(physical_id).map(|thing| thing["AllTags"].clone());
            let Some(Value::Object(mut tags)) = old else { panic!("{physical_id} is gone") };
            let (was, wanted) =
                (cx.tags(before.get("Tags")), cx.tags(desired.properties.get("Tags")));
            tags.retain(|key, _| !was.contains_key(key) || wanted.contains_key(key));
            let changed = wanted.into_iter().filter(|(key, value)| was.get(key) != Some(value));
            tags.extend(changed.map(|(key, value)| (key, json!(value))));
            thing.insert("AllTags".to_owned(), Value::Object(tags));
            memory.things.insert(physical_id.to_owned(), thing);
            failed?;
            Ok(resource(cx, physical_id))
        })
    }

    fn delete<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        _properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            self.call(cx, "delete").await?;
            self.0.lock().unwrap().things.remove(physical_id);
            Ok(())
        })
    }
}

/// The services that are not here: objects in buckets, and a function that takes events.
pub(crate) struct Outside {
    dispatcher: Arc<Dispatcher>,
    objects: Mutex<BTreeMap<String, String>>,
    events: Mutex<Vec<Value>>,
    /// Why no event is taken.
    broken: Mutex<Option<Fault>>,
    /// The function's configuration, if anybody may read it.
    configuration: Mutex<Option<Value>>,
    /// Who called.
    callers: Mutex<Vec<String>>,
}

impl Outside {
    fn new(dispatcher: Arc<Dispatcher>) -> Self {
        Self {
            dispatcher,
            objects: Mutex::default(),
            events: Mutex::default(),
            broken: Mutex::default(),
            configuration: Mutex::default(),
            callers: Mutex::default(),
        }
    }

    /// Puts an object into a bucket: `bucket/key`.
    pub(crate) fn put(&self, path: &str, text: &str) {
        self.objects.lock().unwrap().insert(path.to_owned(), text.to_owned());
    }

    /// The events that the function got.
    pub(crate) fn events(&self) -> Vec<Value> {
        std::mem::take(&mut self.events.lock().unwrap())
    }

    /// Lets every event be refused from now on.
    pub(crate) fn refuse(&self, fault: Fault) {
        *self.broken.lock().unwrap() = Some(fault);
    }

    /// Gives the function a configuration that all may read.
    pub(crate) fn configure(&self, configuration: Value) {
        *self.configuration.lock().unwrap() = Some(configuration);
    }

    pub(crate) fn callers(&self) -> Vec<String> {
        std::mem::take(&mut self.callers.lock().unwrap())
    }

    fn answer(&self, what: &str, input: &Value, body: &Bytes) -> Result<Bytes, Fault> {
        match what {
            "s3 GetObject" => {
                let text = |name: &str| input[name].as_str().unwrap().to_owned();
                let path = format!("{}/{}", text("Bucket"), text("Key"));
                let found = self.objects.lock().unwrap().get(&path).cloned();
                let missing = || Fault::sender("NoSuchKey", "The specified key does not exist.");
                Ok(found.ok_or_else(|| missing().status(404))?.into())
            }
            "lambda Invoke" => {
                assert_eq!(input["InvocationType"], "Event");
                if let Some(fault) = &*self.broken.lock().unwrap() {
                    return Err(fault.clone());
                }
                self.events.lock().unwrap().push(serde_json::from_slice(body).unwrap());
                Ok(Bytes::new())
            }
            _ => panic!("{what} is not here"),
        }
    }
}

impl Calls for Outside {
    fn call<'a>(
        &'a self,
        caller: &'a Caller,
        service: &'a str,
        operation: &'a str,
        input: Value,
    ) -> BoxFuture<'a, Result<Value, Fault>> {
        if (service, operation) == ("lambda", "GetFunctionConfiguration") {
            let found = self.configuration.lock().unwrap().clone();
            let denied = || Fault::sender("AccessDeniedException", "not allowed").status(403);
            return Box::pin(std::future::ready(found.ok_or_else(denied)));
        }
        self.dispatcher.call(caller, service, operation, input)
    }

    fn call_with_body<'a>(
        &'a self,
        caller: &'a Caller,
        service: &'a str,
        operation: &'a str,
        input: Value,
        body: Bytes,
        limit: usize,
    ) -> BoxFuture<'a, Result<(Value, Bytes), Fault>> {
        Box::pin(async move {
            self.callers.lock().unwrap().push(caller.principal.display_name());
            let answer = self.answer(&format!("{service} {operation}"), &input, &body)?;
            if answer.len() > limit {
                return Err(Fault::sender("EntityTooLarge", "too large"));
            }
            Ok((json!({}), answer))
        })
    }
}

/// The platform of a test.
pub(crate) struct World {
    pub(crate) bed: Bed,
    pub(crate) things: Things,
    pub(crate) outside: Arc<Outside>,
    jobs: Vec<Arc<dyn Job>>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::on(Arc::new(MemoryEngine::new()), Things::default())
    }

    /// A platform on an engine that may hold what another left.
    pub(crate) fn on(engine: Arc<dyn Engine>, things: Things) -> Self {
        let clock = clock::ManualClock::new(Timestamp::from_secs(1_800_000_000));
        let platform = Arc::new(Platform::new(
            Store::from_engine(engine),
            Arc::new(clock.clone()),
            PublicUrl::new(PUBLIC_URL),
            ACCOUNT.parse().unwrap(),
            REGION.parse().unwrap(),
        ));
        let gadgets = Things(things.0.clone(), Some("Test::Thing::Gadget"));
        let providers: Vec<Arc<dyn ResourceProvider>> =
            vec![Arc::new(things.clone()), Arc::new(gadgets)];
        let stacks = stacks::definition(&platform, &[7; 32], providers, Arc::new(|_| None));
        let jobs = stacks.jobs.clone();
        let definitions: Vec<Definition> = vec![stacks];
        let identities = Arc::new(TestIdentities::default());
        let dispatcher =
            Dispatcher::new(&definitions, identities.clone(), platform.clone(), Ids::from_seed(7));
        let dispatcher = Arc::new(dispatcher.unwrap());
        let outside = Arc::new(Outside::new(dispatcher.clone()));
        platform.connect(outside.clone(), identities.clone(), &definitions);
        Self { bed: Bed { platform, clock, identities, dispatcher }, things, outside, jobs }
    }

    pub(crate) async fn call(&self, operation: &str, input: Value) -> Result<Value, Fault> {
        let root = Caller::root(ACCOUNT.parse().unwrap());
        self.call_as(&root, operation, input).await
    }

    pub(crate) async fn call_as(
        &self,
        caller: &Caller,
        operation: &str,
        input: Value,
    ) -> Result<Value, Fault> {
        self.bed.dispatcher.call(caller, "cloudformation", operation, input).await
    }

    pub(crate) async fn ok(&self, operation: &str, input: Value) -> Value {
        self.call(operation, input).await.unwrap()
    }

    /// Code and message of an operation that must fail.
    pub(crate) async fn fault(&self, operation: &str, input: Value) -> (String, String) {
        let fault = self.call(operation, input).await.unwrap_err();
        (fault.code().to_owned(), fault.message().to_owned())
    }

    /// Runs every job that is due, until none is.
    pub(crate) async fn run_jobs(&self) {
        while self.run_one_job().await {}
    }

    /// Runs jobs until the function has an event.
    pub(crate) async fn event(&self) -> Value {
        for _ in 0..1_000 {
            let mut events = self.outside.events();
            assert!(events.len() < 2, "{events:?}");
            if let Some(event) = events.pop() {
                return event;
            }
            assert!(self.run_one_job().await, "there is nothing to do, and no event");
        }
        panic!("no event");
    }

    /// Answers an event with these members beside those that every answer has; the answer is the
    /// status.
    pub(crate) async fn respond(&self, event: &Value, members: Value) -> u16 {
        let mut answer = json!({"Status": "SUCCESS"});
        for name in ["StackId", "RequestId", "LogicalResourceId", "PhysicalResourceId"] {
            answer[name].clone_from(&event[name]);
        }
        for (name, value) in members.as_object().unwrap() {
            answer[name].clone_from(value);
        }
        self.put_answer(event["ResponseURL"].as_str().unwrap(), answer.to_string()).await
    }

    /// Puts an answer to a URL, signed by nobody.
    pub(crate) async fn put_answer(&self, url: &str, answer: String) -> u16 {
        let over_tls = format!("https://{}", stacks::RESPONSES_HOST);
        let path = url.strip_prefix(PUBLIC_URL).or(url.strip_prefix(&over_tls)).unwrap();
        self.bed.anonymous().rest("cloudformation", "PUT", path, answer.into()).await.status
    }

    /// Runs the first job that is due.
    pub(crate) async fn run_one_job(&self) -> bool {
        let Some((entry, record)) = self.due_job().await else { return false };
        let job = self.jobs.iter().find(|job| job.kind() == record.kind).unwrap();
        let next = job.step(&record).await.unwrap();
        let (now, platform) = (self.bed.clock.now(), &self.bed.platform);
        let mut tx = platform.store.begin();
        tx.delete(entry.key).unwrap();
        if let Next::Again { cursor, after } = next {
            let record = JobRecord { cursor, ..record };
            let due = now + after;
            job::enqueue(&mut tx, &platform.account, &platform.region, due, &record).unwrap();
            // Somebody waits for it in a test that stands still.
            if after > Duration::ZERO && after < Duration::from_secs(60) {
                self.bed.clock.advance(after);
            }
        }
        tx.commit().await.unwrap();
        true
    }

    pub(crate) async fn due_job(&self) -> Option<(Entry, JobRecord)> {
        let now = self.bed.clock.now().as_millis();
        let due = |entry: &Entry| {
            let mut key = KeyReader::new(tag::JOB, &entry.key).unwrap();
            (key.str().unwrap(), key.str().unwrap(), key.u64().unwrap()).2 <= now
        };
        let platform = &self.bed.platform;
        let all = job::all(&platform.account, &platform.region);
        let entries = platform.store.begin().scan(&all, Scan::first(1000)).await.unwrap();
        let entry = entries.into_iter().find(due)?;
        let record = kv::decode_record(&entry.value).unwrap();
        Some((entry, record))
    }

    /// The job of the stack's deployment.
    pub(crate) fn deploy(&self) -> Arc<dyn Job> {
        self.jobs.iter().find(|job| job.kind() == "stacks.deploy").unwrap().clone()
    }

    /// Everything in the store but the history of stacks: their records and names, templates,
    /// resources, events and change sets.
    pub(crate) async fn dump(&self) -> Vec<Entry> {
        let range = Range::new(vec![0].into(), vec![0xff; 8].into());
        let mut tx = self.bed.platform.store.begin();
        let mut entries = tx.scan(&range, Scan::first(usize::MAX)).await.unwrap();
        let forget = |entry: &Entry| {
            entry.key[..2] == tag::JOB.0.to_be_bytes()
                && kv::decode_record::<JobRecord>(&entry.value).unwrap().kind == "stacks.forget"
        };
        entries.retain(|entry| {
            let tag = u16::from_be_bytes([entry.key[0], entry.key[1]]);
            ![0, 1, 2, 3, 5, 8].map(|n| tag::STACKS + n).contains(&tag) && !forget(entry)
        });
        entries
    }

    /// Lets the services finish what deletions leave behind.
    pub(crate) async fn settle(&self) {
        self.run_jobs().await;
        self.bed.advance(Duration::from_secs(3600));
        self.run_jobs().await;
    }

    /// Creates a stack and waits; the answer is its id.
    pub(crate) async fn create(&self, name: &str, template: &str) -> String {
        let answer =
            self.ok("CreateStack", json!({"StackName": name, "TemplateBody": template})).await;
        self.run_jobs().await;
        answer["StackId"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn update(&self, name: &str, template: &str) {
        self.ok("UpdateStack", json!({"StackName": name, "TemplateBody": template})).await;
        self.run_jobs().await;
    }

    pub(crate) async fn delete(&self, name: &str) {
        self.ok("DeleteStack", json!({"StackName": name})).await;
        self.run_jobs().await;
    }

    /// The stack as `DescribeStacks` tells it.
    pub(crate) async fn stack(&self, name: &str) -> Value {
        self.ok("DescribeStacks", json!({"StackName": name})).await["Stacks"][0].clone()
    }

    pub(crate) async fn status(&self, name: &str) -> String {
        self.stack(name).await["StackStatus"].as_str().unwrap().to_owned()
    }

    /// `logical id status`, the oldest first.
    pub(crate) async fn events(&self, name: &str) -> Vec<String> {
        let answer = self.ok("DescribeStackEvents", json!({"StackName": name})).await;
        let events = answer["StackEvents"].as_array().unwrap();
        let text = |event: &Value| {
            let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
            format!("{} {}", text("LogicalResourceId"), text("ResourceStatus"))
        };
        events.iter().rev().map(text).collect()
    }

    /// The reason of the first event of a resource with a status.
    pub(crate) async fn reason(&self, name: &str, event: &str) -> String {
        let answer = self.ok("DescribeStackEvents", json!({"StackName": name})).await;
        let events = answer["StackEvents"].as_array().unwrap();
        let (id, status) = event.split_once(' ').unwrap();
        let found = events
            .iter()
            .rev()
            .find(|event| event["LogicalResourceId"] == id && event["ResourceStatus"] == status);
        found.unwrap()["ResourceStatusReason"].as_str().unwrap_or_default().to_owned()
    }

    /// The physical ids of the resources that exist, by logical id.
    pub(crate) async fn physical_ids(&self, name: &str) -> BTreeMap<String, String> {
        let answer = self.ok("ListStackResources", json!({"StackName": name})).await;
        let resources = answer["StackResourceSummaries"].as_array().unwrap().clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        resources
            .iter()
            .map(|one| (text(&one["LogicalResourceId"]), text(&one["PhysicalResourceId"])))
            .collect()
    }
}
