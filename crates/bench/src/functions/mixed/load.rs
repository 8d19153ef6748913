//! Senders of every kind, and the one who kills.

use anyhow::{Context, Result, ensure};
use client::{Client, Rest};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use std::{
    cell::RefCell,
    collections::BTreeSet,
    time::{Duration, Instant},
};

use super::{
    footprint,
    setup::{App, EVENTS},
};
use crate::http::connection::Connection;

/// One event of so many always fails. Its group waits for half a minute, and it comes to each.
const POISON: u64 = 1_009;
const FIRST_POISON: u64 = 20;
/// Groups with an order.
const GROUPS: u64 = 8;
/// Between two sends of one sender.
const PAUSE: Duration = Duration::from_millis(50);
/// The longest pause between two kills, in milliseconds.
const KILL_PAUSE: u64 = 1_000;
/// No answer after this time is a hang: a function may take 10 seconds, and so may its start.
const HANG: Duration = Duration::from_secs(60);

/// What was sent and answered.
#[derive(Default)]
pub(super) struct Sent {
    /// The ids of events that were acknowledged: through the API, and to each queue.
    pub(super) acknowledged: [BTreeSet<String>; 3],
    /// Those of them that always fail.
    pub(super) poison: BTreeSet<String>,
    /// Calls that wait for their answer, and how many of them failed.
    pub(super) calls: u64,
    pub(super) failed: u64,
    /// Requests to the function's URL, and how many of them failed.
    pub(super) requests: u64,
    pub(super) refused: u64,
    /// The longest that a caller has waited.
    pub(super) longest: Duration,
    pub(super) kills: u64,
}

/// All senders share this.
pub(super) struct Load<'a> {
    pub(super) client: &'a Client,
    pub(super) app: &'a App,
    pub(super) node: u32,
    pub(super) end: Instant,
    pub(super) sent: RefCell<Sent>,
}

impl Load<'_> {
    /// Until its time is over.
    pub(super) async fn run(&self) -> Result<()> {
        tokio::try_join!(
            self.events(),
            self.messages(0),
            self.messages(1),
            self.calls(),
            self.requests(),
            self.kill(),
        )?;
        Ok(())
    }

    fn is_on(&self) -> bool {
        Instant::now() < self.end
    }

    fn acknowledge(&self, kind: usize, id: String, poison: bool) {
        let mut sent = self.sent.borrow_mut();
        if poison {
            sent.poison.insert(id.clone());
        }
        sent.acknowledged[kind].insert(id);
    }

    /// Asynchronous events.
    async fn events(&self) -> Result<()> {
        for number in 0_u64.. {
            if !self.is_on() {
                break;
            }
            let (id, poison) = (format!("event {number}"), number % POISON == FIRST_POISON);
            let body = json!({"id": id, "poison": poison}).to_string().into();
            let path = format!("/2015-03-31/functions/{EVENTS}/invocations");
            let headers = &[("x-amz-invocation-type", "Event")];
            let call = Rest { method: Method::POST, path: &path, headers, body };
            let reply = self.client.rest("lambda", call).await?;
            ensure!(reply.status == StatusCode::ACCEPTED, "an event is answered {}", reply.status);
            self.acknowledge(0, id, poison);
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Messages of one of the queues.
    async fn messages(&self, queue: usize) -> Result<()> {
        let url = &self.app.queues[queue];
        for number in 0_u64.. {
            if !self.is_on() {
                break;
            }
            let (id, poison) =
                (format!("message {queue} {number}"), number % POISON == FIRST_POISON);
            let mut message = json!({"id": id, "poison": poison});
            let mut input = json!({"QueueUrl": url});
            if queue == 1 {
                let group = (number % GROUPS).to_string();
                message["number"] = (number / GROUPS).into();
                message["group"] = group.clone().into();
                input["MessageGroupId"] = group.into();
            }
            input["MessageBody"] = message.to_string().into();
            let reply = self.client.json("sqs", "AmazonSQS.SendMessage", &input).await?;
            ensure!(reply["MessageId"].is_string(), "SendMessage gives no id");
            self.acknowledge(1 + queue, id, poison);
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Calls that wait.
    async fn calls(&self) -> Result<()> {
        let path = format!("/2015-03-31/functions/{EVENTS}/invocations");
        for number in 0_u64.. {
            if !self.is_on() {
                break;
            }
            let name = format!("caller {number}");
            let body = json!({"name": name}).to_string().into();
            let call = Rest { method: Method::POST, path: &path, headers: &[], body };
            let began = Instant::now();
            let reply = tokio::time::timeout(HANG, self.client.rest("lambda", call)).await;
            let is_right = match reply.context("a call hangs")? {
                Ok(reply) if reply.headers.contains_key("x-amz-function-error") => false,
                Ok(reply) => {
                    let answer: Value = serde_json::from_slice(&reply.body)?;
                    ensure!(answer == json!({"hello": name}), "a call is answered {answer}");
                    true
                }
                // What the service says itself; anything else is no proper answer.
                Err(error) => error.code().map(|_| false).ok_or(error)?,
            };
            self.note(began, |sent| {
                sent.calls += 1;
                sent.failed += u64::from(!is_right);
            });
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Requests to the function's URL, without a signature.
    async fn requests(&self) -> Result<()> {
        let url = self.app.url.strip_prefix("http://").context("a URL that is not http")?;
        let (host, path) = url.split_once('/').context("a URL without a path")?;
        let mut connection = Connection::open(host.parse()?).await?;
        for number in 0_u64.. {
            if !self.is_on() {
                break;
            }
            let answer = json!({"hello": format!("visitor {number}")});
            let body = json!({"name": answer["hello"]}).to_string();
            let request = format!(
                "POST /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let began = Instant::now();
            let reply = tokio::time::timeout(HANG, connection.exchange(request.as_bytes())).await;
            let reply = reply.context("a request hangs")??;
            let body = || serde_json::from_slice::<Value>(&reply.body).unwrap_or_default();
            let is_right = reply.status == 200;
            let is_known = if is_right { body() == answer } else { reply.status == 502 };
            ensure!(is_known, "a request is answered {}: {}", reply.status, body());
            self.note(began, |sent| {
                sent.requests += 1;
                sent.refused += u64::from(!is_right);
            });
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    fn note(&self, began: Instant, note: impl FnOnce(&mut Sent)) {
        let mut sent = self.sent.borrow_mut();
        sent.longest = sent.longest.max(began.elapsed());
        note(&mut sent);
    }

    /// Ends instances at random times.
    async fn kill(&self) -> Result<()> {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        while self.is_on() {
            tokio::time::sleep(Duration::from_millis(random.below(KILL_PAUSE))).await;
            let instances = footprint::instances(self.node)?;
            let Some(last) = instances.len().checked_sub(1) else { continue };
            let index = usize::try_from(random.below(u64::try_from(last)? + 1))?;
            if footprint::kill(self.node, instances[index])? {
                self.sent.borrow_mut().kills += 1;
            }
        }
        Ok(())
    }
}

/// The message of a group with this number.
pub(super) fn id_in_group(group: &str, number: u64) -> String {
    let group: u64 = group.parse().unwrap_or_default();
    format!("message 1 {}", number * GROUPS + group)
}

/// Numbers without a pattern (xorshift), the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}
