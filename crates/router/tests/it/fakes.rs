//! Services made for the test.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use kv::{Key, KeyBuilder, Range, Record, Scan, Tag, Transaction};
use policy::Principal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{
    Attempted, Batch, BatchOutcome, Caller, ExternalTarget, Fault, Identities, Identity, Invoker,
    Platform, Refusal, Source, SourceRecord, Target, TemporaryCredentials, Wanted,
    delivery::{Delivery, GiveUp},
};
use std::{
    collections::{HashSet, VecDeque},
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::sync::Semaphore;
use types::{AccountId, Arn, RequestId, Timestamp};

const APPLIED: Tag = Tag(0x7f00);
const MESSAGE: Tag = Tag(0x7f01);

/// How long a received message is hidden.
pub(crate) const VISIBILITY: Duration = Duration::from_secs(30);

/// The account of all tests.
fn account() -> AccountId {
    "000000000000".parse().unwrap()
}

/// A transactional target that counts what it was given.
#[derive(Default)]
pub(crate) struct Sink {
    /// So many applications are refused first.
    pub(crate) refuse: AtomicU32,
}

impl Sink {
    /// How often each payload was applied.
    pub(crate) async fn applied(&self, platform: &Platform, payload: &str) -> u64 {
        let key = KeyBuilder::new(APPLIED).str(payload).build();
        let count = platform.store.begin().get(&key).await.unwrap();
        count.map_or(0, |bytes| u64::from_le_bytes(bytes[..].try_into().unwrap()))
    }
}

impl Target for Sink {
    fn service(&self) -> &'static str {
        "sqs"
    }

    fn apply<'a>(
        &'a self,
        tx: &'a mut Transaction,
        _caller: &'a Caller,
        delivery: &'a Delivery,
        _now: Timestamp,
    ) -> BoxFuture<'a, Result<(), Refusal>> {
        Box::pin(async move {
            tx.add(KeyBuilder::new(APPLIED).str(&delivery.payload).build(), 1)?;
            let left =
                self.refuse.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
            match left {
                Ok(_) => Err(Refusal::Refused { code: "Gone".into(), message: "gone".into() }),
                Err(_) => Ok(()),
            }
        })
    }
}

/// What an attempt does.
pub(crate) enum Act {
    Done(Vec<Delivery>),
    Retry(Duration, Value),
    Fail,
    Refuse,
    /// Waits for a permit of [`Script::gate`], and is done.
    Hang(Vec<Delivery>),
}

/// An external target that acts by a script; without one it is done.
pub(crate) struct Script {
    pub(crate) acts: Mutex<VecDeque<Act>>,
    pub(crate) attempts: Mutex<Vec<Delivery>>,
    pub(crate) gate: Semaphore,
}

impl Default for Script {
    fn default() -> Self {
        Self { acts: Mutex::default(), attempts: Mutex::default(), gate: Semaphore::new(0) }
    }
}

impl Script {
    pub(crate) fn act(&self, act: Act) {
        self.acts.lock().unwrap().push_back(act);
    }

    pub(crate) fn attempts(&self) -> Vec<Delivery> {
        self.attempts.lock().unwrap().clone()
    }
}

impl ExternalTarget for Script {
    fn service(&self) -> &'static str {
        "lambda"
    }

    fn attempt<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<Attempted, Fault>> {
        Box::pin(async move {
            self.attempts.lock().unwrap().push(delivery.clone());
            let act = self.acts.lock().unwrap().pop_front();
            match act.unwrap_or(Act::Done(Vec::new())) {
                Act::Done(followers) => Ok(Attempted::Done(followers)),
                Act::Retry(after, state) => Ok(Attempted::Retry { after, state }),
                Act::Fail => Err(Fault::internal("broken")),
                Act::Refuse => {
                    let (code, message) = ("Gone".to_owned(), "It is gone.".to_owned());
                    Ok(Attempted::Refused { code, message })
                }
                Act::Hang(followers) => {
                    self.gate.acquire().await.unwrap().forget();
                    Ok(Attempted::Done(followers))
                }
            }
        })
    }

    fn accepts<'a>(
        &'a self,
        _tx: &'a mut Transaction,
        _delivery: &'a Delivery,
    ) -> BoxFuture<'a, Result<(), Refusal>> {
        Box::pin(async { Ok(()) })
    }
}

/// A queue of one tag: everything that it holds, whatever the ARN. What has `stuck` in its id cannot
/// be settled.
#[derive(Clone, Copy)]
pub(crate) struct Queue;

#[derive(Serialize, Deserialize)]
struct Message {
    visible_at: Timestamp,
}

impl Record for Message {
    const VERSION: u8 = 1;
}

impl Queue {
    fn key(id: &str) -> Key {
        KeyBuilder::new(MESSAGE).str(id).build()
    }

    pub(crate) async fn send(&self, platform: &Platform, ids: &[&str]) {
        let mut tx = platform.store.begin();
        for id in ids {
            let message = Message { visible_at: platform.clock.now() };
            tx.put_record(Self::key(id), &message).unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// The ids of the messages that are there, hidden or not.
    pub(crate) async fn ids(&self, platform: &Platform) -> Vec<String> {
        let mut tx = platform.store.begin();
        let entries = tx.scan(&MESSAGE.range(), Scan::first(1000)).await.unwrap();
        entries.iter().map(|entry| id_of(&entry.key)).collect()
    }
}

fn id_of(key: &[u8]) -> String {
    kv::KeyReader::new(MESSAGE, key).unwrap().str().unwrap()
}

/// Of a message whose id says so: of two, one does not fit into a payload.
fn padding(id: &str) -> String {
    "x".repeat(if id.ends_with("large") { 4 << 20 } else { 0 })
}

impl Source for Queue {
    fn service(&self) -> &'static str {
        "sqs"
    }

    fn watch_key(&self, _source: &Arn) -> Key {
        KeyBuilder::new(MESSAGE).build()
    }

    fn receive<'a>(
        &'a self,
        tx: &'a mut Transaction,
        _caller: &'a Caller,
        source: &'a Arn,
        wanted: Wanted,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Batch, Fault>> {
        Box::pin(async move {
            let (mut records, mut next) = (Vec::<SourceRecord>::new(), None);
            let (mut locked, is_ordered) = (HashSet::new(), self.is_ordered(source));
            let range: Range = MESSAGE.range();
            for entry in tx.scan(&range, Scan::first(1000)).await? {
                let message: Message = kv::decode_record(&entry.value)?;
                let id = id_of(&entry.key);
                let group = is_ordered.then(|| id[..1].to_owned());
                if message.visible_at > now {
                    next = next.into_iter().chain([message.visible_at]).min();
                    locked.extend(group);
                    continue;
                }
                let is_other = wanted.one_group && records.iter().any(|one| one.group != group);
                let is_locked = group.as_ref().is_some_and(|group| locked.contains(group));
                if records.len() < wanted.limit as usize && !is_other && !is_locked {
                    tx.put_record(entry.key, &Message { visible_at: now + VISIBILITY })?;
                    let event = json!({ "messageId": id, "large": padding(&id) });
                    let trace = id.starts_with("loop").then(|| id.clone());
                    records.push(SourceRecord { handle: id.clone(), event, id, group, trace });
                }
            }
            Ok(Batch { records, next })
        })
    }

    fn is_ordered(&self, source: &Arn) -> bool {
        source.resource().ends_with(".fifo")
    }

    fn hold<'a>(
        &'a self,
        tx: &'a mut Transaction,
        _caller: &'a Caller,
        _source: &'a Arn,
        handles: &'a [String],
        until: Timestamp,
        _now: Timestamp,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            for handle in handles {
                let Some(message) = tx.get_record::<Message>(&Self::key(handle)).await? else {
                    continue;
                };
                let visible_at = message.visible_at.max(until);
                tx.put_record(Self::key(handle), &Message { visible_at })?;
            }
            Ok(())
        })
    }

    fn settle<'a>(
        &'a self,
        tx: &'a mut Transaction,
        _caller: &'a Caller,
        _source: &'a Arn,
        done: &'a [String],
        _failed: &'a [String],
        _now: Timestamp,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            if done.iter().any(|handle| handle.contains("stuck")) {
                return Err(Fault::sender("AccessDenied", "nobody may delete this").status(403));
            }
            for handle in done {
                tx.delete(Self::key(handle))?;
            }
            Ok(())
        })
    }
}

/// What an invocation does.
#[derive(Clone)]
pub(crate) enum Answer {
    Success(&'static str),
    Error,
    Throttled,
    /// Waits for a permit of [`Functions::gate`], and is a success.
    Hang,
}

/// Functions that answer by a script; without one they succeed.
pub(crate) struct Functions {
    pub(crate) answers: Mutex<VecDeque<Answer>>,
    pub(crate) always: Mutex<Option<Answer>>,
    pub(crate) missing: Mutex<bool>,
    /// The ids of every batch.
    pub(crate) batches: Mutex<Vec<Vec<String>>>,
    pub(crate) gate: Semaphore,
}

impl Default for Functions {
    fn default() -> Self {
        Self {
            answers: Mutex::default(),
            always: Mutex::default(),
            missing: Mutex::default(),
            batches: Mutex::default(),
            gate: Semaphore::new(0),
        }
    }
}

impl Functions {
    pub(crate) fn answer(&self, answer: Answer) {
        self.answers.lock().unwrap().push_back(answer);
    }

    pub(crate) fn batches(&self) -> Vec<Vec<String>> {
        self.batches.lock().unwrap().clone()
    }

    fn next_answer(&self) -> Answer {
        let scripted = self.answers.lock().unwrap().pop_front();
        scripted.or_else(|| self.always.lock().unwrap().clone()).unwrap_or(Answer::Success(""))
    }
}

impl Invoker for Functions {
    fn role<'a>(&'a self, _function: &'a Arn) -> BoxFuture<'a, Result<Arn, Fault>> {
        Box::pin(async move {
            if *self.missing.lock().unwrap() {
                return Err(Fault::sender("ResourceNotFoundException", "gone").status(404));
            }
            Ok(Arn::global("iam", &account(), "role/worker"))
        })
    }

    fn invoke_batch<'a>(
        &'a self,
        _function: &'a Arn,
        payload: Bytes,
        traces: &'a [Option<String>],
    ) -> BoxFuture<'a, Result<BatchOutcome, Fault>> {
        Box::pin(async move {
            let records: Vec<_> = (0..traces.len()).filter(|n| traces[*n].is_some()).collect();
            if !records.is_empty() {
                return Ok(BatchOutcome::Recursive { records });
            }
            let event: Value = serde_json::from_slice(&payload).unwrap();
            let records = event["Records"].as_array().unwrap();
            let ids = records.iter().map(|r| r["messageId"].as_str().unwrap().to_owned()).collect();
            self.batches.lock().unwrap().push(ids);
            let success = |response: &'static str| BatchOutcome::Success {
                response: Bytes::from_static(response.as_bytes()),
            };
            Ok(match self.next_answer() {
                Answer::Success(response) => success(response),
                Answer::Error => BatchOutcome::FunctionError { message: "boom".into() },
                Answer::Throttled => BatchOutcome::Throttled,
                Answer::Hang => {
                    self.gate.acquire().await.unwrap().forget();
                    success("")
                }
            })
        })
    }
}

/// Every role can be assumed; who did is kept.
#[derive(Default)]
pub(crate) struct Roles {
    pub(crate) assumed: Mutex<Vec<(String, String, String)>>,
}

impl Identities for Roles {
    fn find<'a>(
        &'a self,
        _tx: &'a mut Transaction,
        _access_key_id: &'a str,
        _session_token: Option<&'a str>,
        _now: Timestamp,
    ) -> BoxFuture<'a, Result<Identity, Fault>> {
        Box::pin(async { Err(Fault::unsupported("find")) })
    }

    fn reload<'a>(
        &'a self,
        _tx: &'a mut Transaction,
        _principal: &'a Principal,
    ) -> BoxFuture<'a, Result<Caller, Fault>> {
        Box::pin(async { Err(Fault::unsupported("reload")) })
    }

    fn assume<'a>(
        &'a self,
        _tx: &'a mut Transaction,
        role: &'a Arn,
        session_name: &'a str,
        service: &'a str,
    ) -> BoxFuture<'a, Result<Caller, Fault>> {
        let assumed = (role.to_string(), session_name.to_owned(), service.to_owned());
        self.assumed.lock().unwrap().push(assumed);
        Box::pin(async { Ok(Caller::root(account())) })
    }

    fn credentials<'a>(
        &'a self,
        _tx: &'a mut Transaction,
        _role: &'a Arn,
        _session_name: &'a str,
        _service: &'a str,
        _now: Timestamp,
        _lifetime: Duration,
    ) -> BoxFuture<'a, Result<TemporaryCredentials, Fault>> {
        Box::pin(async { Err(Fault::unsupported("credentials")) })
    }
}

/// A delivery with this payload.
pub(crate) fn delivery(target: Arn, payload: &str, now: Timestamp) -> Delivery {
    let mut seed = [0; 16];
    seed[..payload.len()].copy_from_slice(payload.as_bytes());
    Delivery {
        id: RequestId::from_random(seed),
        target,
        payload: payload.to_owned(),
        principal: "events.amazonaws.com".to_owned(),
        source: None,
        created: now,
        attempts: 0,
        trace: None,
        state: Value::Null,
        give_up: GiveUp::default(),
    }
}
