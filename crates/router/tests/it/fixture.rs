use crate::fakes::{Functions, Queue, Roles, Script, Sink};
use clock::{Clock, Ids, ManualClock};
use futures_util::future::BoxFuture;
use kv::{Commit, Committed, Engine, Entry, Error, Range, Snapshot, Store, Value, Wake, Watch};
use kv_memory::MemoryEngine;
use router::{Router, Running};
use serde_json::Value as Json;
use service::{Caller, Calls, Definition, Fault, Job, Platform, PublicUrl};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use types::{Arn, Timestamp};

/// A platform with a transactional target `sqs`, an external target and invoker `lambda`, and a
/// source `sqs`.
pub(crate) struct Fixture {
    pub(crate) platform: Arc<Platform>,
    pub(crate) clock: ManualClock,
    pub(crate) reads: Arc<AtomicUsize>,
    pub(crate) sink: Arc<Sink>,
    pub(crate) script: Arc<Script>,
    pub(crate) queue: Queue,
    pub(crate) functions: Arc<Functions>,
    pub(crate) roles: Arc<Roles>,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::on(MemoryEngine::new())
    }

    pub(crate) fn on(engine: impl Engine) -> Self {
        let clock = ManualClock::new(Timestamp::from_secs(1_000_000));
        let reads = Arc::new(AtomicUsize::new(0));
        let store = Store::new(Counting { engine: Arc::new(engine), reads: reads.clone() });
        let platform = Arc::new(Platform::new(
            store,
            Arc::new(clock.clone()),
            PublicUrl::new("http://localhost"),
            "000000000000".parse().unwrap(),
            "us-east-1".parse().unwrap(),
        ));
        let (sink, script) = (Arc::<Sink>::default(), Arc::<Script>::default());
        let mut definition = Definition::new("test", "{}", Vec::new());
        definition.targets = vec![sink.clone()];
        definition.external = vec![script.clone()];
        definition.sources = vec![Arc::new(Queue)];
        let (functions, roles) = (Arc::default(), Arc::<Roles>::default());
        platform.connect(Arc::new(NoCalls), roles.clone(), &[definition]);
        Self { platform, clock, reads, sink, script, queue: Queue, functions, roles }
    }

    pub(crate) fn start(&self, jobs: Vec<Arc<dyn Job>>) -> Running {
        let (platform, roles) = (self.platform.clone(), self.roles.clone());
        Router::new(platform, roles, jobs, self.functions.clone(), Ids::from_seed(7)).start()
    }

    /// Lets all tasks run until none has anything to do before the clock moves on.
    pub(crate) async fn quiet(&self) {
        for _ in 0..2_000 {
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn advance(&self, millis: u64) {
        self.clock.advance(Duration::from_millis(millis));
        self.quiet().await;
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn arn(&self, service: &str, resource: &str) -> Arn {
        Arn::new(service, &self.platform.region, &self.platform.account, resource)
    }

    pub(crate) fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }
}

struct NoCalls;

impl Calls for NoCalls {
    fn call<'a>(
        &'a self,
        _caller: &'a Caller,
        _service: &'a str,
        operation: &'a str,
        _input: Json,
    ) -> BoxFuture<'a, Result<Json, Fault>> {
        Box::pin(async move { Err(Fault::unsupported(operation)) })
    }

    fn call_with_body<'a>(
        &'a self,
        _caller: &'a Caller,
        _service: &'a str,
        operation: &'a str,
        _input: Json,
        _body: bytes::Bytes,
        _limit: usize,
    ) -> BoxFuture<'a, Result<(Json, bytes::Bytes), Fault>> {
        Box::pin(async move { Err(Fault::unsupported(operation)) })
    }
}

/// Counts what is read.
struct Counting {
    engine: Arc<dyn Engine>,
    reads: Arc<AtomicUsize>,
}

impl Engine for Counting {
    fn snapshot(&self) -> BoxFuture<'_, Result<Arc<dyn Snapshot>, Error>> {
        Box::pin(async move {
            let snapshot = self.engine.snapshot().await?;
            let reads = self.reads.clone();
            Ok(Arc::new(CountingSnapshot { snapshot, reads }) as Arc<dyn Snapshot>)
        })
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, Error>> {
        self.engine.commit(commit)
    }

    fn watch(&self, prefix: &[u8], wake: Wake) -> Watch {
        self.engine.watch(prefix, wake)
    }
}

struct CountingSnapshot {
    snapshot: Arc<dyn Snapshot>,
    reads: Arc<AtomicUsize>,
}

impl Snapshot for CountingSnapshot {
    fn version(&self) -> u64 {
        self.snapshot.version()
    }

    fn age(&self) -> Duration {
        self.snapshot.age()
    }

    fn get<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Value>, Error>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.snapshot.get(key)
    }

    fn scan<'a>(
        &'a self,
        range: &'a Range,
        reverse: bool,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Entry>, Error>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.snapshot.scan(range, reverse, limit)
    }
}
