//! What the simulations of both kinds of queues share: clients, each of which does one thing per
//! round, on an engine that conflicts.

use crate::common::{queues, receive};
use clock::Ids;
use futures_util::{StreamExt, stream::FuturesOrdered};
use kv_memory::{Faults, Faulty, MemoryEngine};
use serde_json::{Value, json};
use service::{Caller, Calls, Fault};
use std::{collections::BTreeSet, sync::Arc};
use testkit::Bed;

pub(crate) const ROUNDS: u32 = 40;

/// What one client does in one round. `S` is what it sends, `M` how the model knows a message.
pub(crate) enum Step<S, M> {
    Send(S),
    Receive { limit: u32, visibility: u32 },
    Delete { message: M, handle: String },
    Change { message: M, handle: String, seconds: u32 },
}

impl<S, M> Step<S, M> {
    pub(crate) fn draw_receive(random: &Ids) -> Self {
        Self::Receive { limit: 1 + random.below(10), visibility: 1 + random.below(4) }
    }

    /// The deletion of a message, or now and then a change of its visibility.
    pub(crate) fn draw_settling(random: &Ids, message: M, handle: String) -> Self {
        match random.below(4) {
            0 => Self::Change { message, handle, seconds: random.below(4) },
            _ => Self::Delete { message, handle },
        }
    }

    /// The operation and its input; `send` gives that of a sending.
    fn input(
        &self,
        url: &str,
        send: impl FnOnce(&S) -> (&'static str, Value),
    ) -> (&'static str, Value) {
        let (operation, mut input) = match self {
            Self::Send(sent) => send(sent),
            Self::Receive { limit, visibility } => (
                "ReceiveMessage",
                json!({
                    "MaxNumberOfMessages": limit,
                    "VisibilityTimeout": visibility,
                    "AttributeNames": ["All"],
                }),
            ),
            Self::Delete { handle, .. } => ("DeleteMessage", json!({"ReceiptHandle": handle})),
            Self::Change { handle, seconds, .. } => (
                "ChangeMessageVisibility",
                json!({"ReceiptHandle": handle, "VisibilityTimeout": seconds}),
            ),
        };
        input["QueueUrl"] = url.into();
        (operation, input)
    }
}

pub(crate) fn bed(seed: u64) -> Bed {
    let faults = Faults { conflict: 150, yields: 4, ..Faults::default() };
    Bed::new(Arc::new(Faulty::new(Arc::new(MemoryEngine::new()), seed, faults)), queues)
}

/// Takes all steps at once, while the clock stands still. What was sent or settled may be received
/// in the same round: in the answer, receives come last.
pub(crate) async fn at_once<S, M>(
    bed: &Bed,
    url: &str,
    steps: Vec<Step<S, M>>,
    send: impl Fn(&S) -> (&'static str, Value),
) -> Vec<(Step<S, M>, Result<Value, Fault>)> {
    let root = Caller::root(bed.platform.account.clone());
    let calls = steps.iter().map(|step| {
        let (operation, input) = step.input(url, &send);
        bed.dispatcher.call(&root, "sqs", operation, input)
    });
    let answers: Vec<_> = calls.collect::<FuturesOrdered<_>>().collect().await;
    let mut answered: Vec<_> = steps.into_iter().zip(answers).collect();
    answered.sort_by_key(|(step, _)| matches!(step, Step::Receive { .. }));
    answered
}

/// Receives and deletes all messages of a queue that can be received; none is there twice.
pub(crate) async fn take_all(bed: &Bed, url: &str, left: &mut BTreeSet<String>) {
    loop {
        let messages = receive(bed, url).await;
        if messages.is_empty() {
            return;
        }
        for message in messages {
            let body = message["Body"].as_str().expect("a body").to_owned();
            assert!(left.insert(body), "{} is there twice", message["Body"]);
            let input = json!({"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]});
            bed.ok("sqs", "DeleteMessage", input).await;
        }
    }
}
