//! Asynchronous invocations: deliveries to functions, retried as the Lambda Developer Guide says
//! ("How Lambda handles errors and retries with asynchronous invocation").

mod record;

use crate::{
    Error, Functions, config,
    invoke::Call,
    lineage::Trace,
    model::{self, Function, FunctionName, InvokeConfig},
    vault::Sealed,
};
use futures_util::future::BoxFuture;
use kv::Transaction;
use runtime::Outcome;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{
    Attempted, ExternalTarget, Fault, Refusal, authorize,
    delivery::{Delivery, GiveUp},
};
use sha2::{Digest, Sha256};
use std::{borrow::Cow, sync::Arc, time::Duration};
use types::{Arn, Timestamp};

/// What a delivery to a function remembers, in [`Delivery::state`].
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct EventState {
    /// Invoke checked who may; other deliveries are checked at every attempt.
    #[serde(default)]
    pub(crate) authorized: bool,
    /// Attempts that the function failed.
    #[serde(default)]
    pub(crate) failures: u32,
    /// Attempts that reached no instance.
    #[serde(default)]
    pub(crate) waits: u32,
    /// How many functions led here, each the destination of the one before.
    #[serde(default)]
    pub(crate) hops: u32,
    /// The client context, as JSON.
    #[serde(default)]
    pub(crate) client_context: Option<String>,
    /// The payload as Invoke has taken it: it may hold secrets (that of a custom resource does),
    /// and nobody who reads the store shall read them. The delivery's own is empty then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) payload: Option<Sealed>,
}

/// Why an event was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GivenUp {
    RetriesExhausted,
    EventAgeExceeded,
    /// The function is invoked by what it did itself, again and again.
    RecursiveInvocation,
}

/// Deliveries to functions.
pub(crate) struct EventTarget(pub(crate) Arc<Functions>);

impl ExternalTarget for EventTarget {
    fn service(&self) -> &'static str {
        "lambda"
    }

    fn attempt<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<Attempted, Fault>> {
        Box::pin(self.try_once(delivery))
    }

    fn accepts<'a>(
        &'a self,
        tx: &'a mut Transaction,
        delivery: &'a Delivery,
    ) -> BoxFuture<'a, Result<(), Refusal>> {
        Box::pin(async move {
            let refused = |fault: Fault| Refusal::Refused {
                code: fault.code().to_owned(),
                message: fault.message().to_owned(),
            };
            let found = self.find(tx, delivery, false).await.map_err(refused)?;
            let missing = || Error::FunctionNotFound(delivery.target.clone()).into();
            found.map(drop).ok_or_else(|| refused(missing()))
        })
    }
}

/// The function of a delivery and how its events are handled.
struct Receiver {
    function: Function,
    config: Option<InvokeConfig>,
    /// The trace header of what follows.
    trace: Option<String>,
}

impl EventTarget {
    async fn try_once(&self, delivery: &Delivery) -> Result<Attempted, Fault> {
        let mut state: EventState =
            serde_json::from_value(delivery.state.clone()).unwrap_or_default();
        let delivery = &*self.opened(delivery, &state)?;
        let mut receiver = match self.receiver(delivery, &state).await {
            Ok(Some(receiver)) => receiver,
            Ok(None) => {
                return Ok(Attempted::Refused {
                    code: "ResourceNotFoundException".to_owned(),
                    message: "the function is gone".to_owned(),
                });
            }
            Err(fault) => return Ok(self.wait_for_receiver(delivery, state, &fault)),
        };
        let now = self.0.platform.clock.now();
        let age = Duration::from_secs(InvokeConfig::age_seconds(receiver.config.as_ref()).into());
        if now.since(delivery.created) > age {
            let given_up = GivenUp::EventAgeExceeded;
            return Ok(Attempted::Done(receiver.follow(
                delivery,
                &state,
                now,
                Err((given_up, None)),
            )));
        }
        let trace = Trace::parse(delivery.trace.as_deref());
        let trace = match self.0.enter(&receiver.function, trace, &delivery.id).await {
            Ok(trace) => trace,
            Err(Error::Recursive) => {
                let result = Err((GivenUp::RecursiveInvocation, None));
                return Ok(Attempted::Done(receiver.follow(delivery, &state, now, result)));
            }
            Err(error) => return Ok(self.wait(delivery, state, &error.into())),
        };
        receiver.trace = Some(trace.clone());
        self.0.meters.event_age(&receiver.function.name, now.since(delivery.created));
        let call = Call {
            request_id: delivery.id.to_string(),
            payload: delivery.payload.clone().into(),
            arn: delivery.target.to_string(),
            client_context: state.client_context.clone(),
            trace,
            tail: false,
        };
        let outcome = match self.0.invoke(&receiver.function, call).await {
            Ok(outcome) => outcome,
            Err(fault) => return Ok(self.wait(delivery, state, &fault)),
        };
        if outcome.error.is_none() {
            return Ok(Attempted::Done(receiver.follow(delivery, &state, now, Ok(&outcome))));
        }
        state.failures += 1;
        if state.failures > InvokeConfig::retries(receiver.config.as_ref()) {
            let result = Err((GivenUp::RetriesExhausted, Some(&outcome)));
            return Ok(Attempted::Done(receiver.follow(delivery, &state, now, result)));
        }
        Ok(retry(config::RETRY_AFTER * state.failures, &state))
    }

    /// The delivery with its payload.
    fn opened<'a>(
        &self,
        delivery: &'a Delivery,
        state: &EventState,
    ) -> Result<Cow<'a, Delivery>, Error> {
        let Some(sealed) = &state.payload else { return Ok(Cow::Borrowed(delivery)) };
        let payload = self.0.vault.open_event(sealed, &delivery.id)?;
        // Its state is in `state`, and what follows gets one of its own.
        Ok(Cow::Owned(Delivery { payload, state: Value::Null, ..delivery.clone() }))
    }

    /// The function, if it is there and its sender may invoke it.
    async fn receiver(
        &self,
        delivery: &Delivery,
        state: &EventState,
    ) -> Result<Option<Receiver>, Fault> {
        let mut tx = self.0.platform.store.begin();
        self.find(&mut tx, delivery, state.authorized).await
    }

    async fn find(
        &self,
        tx: &mut Transaction,
        delivery: &Delivery,
        authorized: bool,
    ) -> Result<Option<Receiver>, Fault> {
        let platform = &self.0.platform;
        let Ok(name) = FunctionName::of_arn(platform, &delivery.target) else { return Ok(None) };
        let function = match model::drawn(platform, tx, &name, self.0.draw()).await {
            Ok(function) => function,
            Err(Error::FunctionNotFound(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if !authorized {
            let caller = delivery.caller(platform, tx).await?;
            let needed = model::permission(platform, tx, &name, "lambda:InvokeFunction").await?;
            let now = platform.clock.now();
            needed.iter().try_for_each(|one| authorize(&caller, one, &platform.region, now))?;
        }
        let config = InvokeConfig::find(platform, tx, &name).await?;
        Ok(Some(Receiver { function, config, trace: delivery.trace.clone() }))
    }

    /// The sender may not invoke the function, or nobody knows: again later, for as long as an
    /// event may wait at all.
    fn wait_for_receiver(
        &self,
        delivery: &Delivery,
        state: EventState,
        fault: &Fault,
    ) -> Attempted {
        let age = self.0.platform.clock.now().since(delivery.created);
        if age <= Duration::from_secs(config::DEFAULT_EVENT_AGE_SECONDS.into()) {
            return self.wait(delivery, state, fault);
        }
        let (code, message) = (fault.code().to_owned(), fault.message().to_owned());
        Attempted::Refused { code, message }
    }

    /// Nothing ran: no room, no sandbox. Again later.
    fn wait(&self, delivery: &Delivery, mut state: EventState, fault: &Fault) -> Attempted {
        let (id, target) = (&delivery.id, &delivery.target);
        tracing::debug!(%id, %target, %fault, "an event waits");
        let ceiling = config::BACKOFF_MAX.as_secs() as u32;
        let seconds = 1_u32.checked_shl(state.waits).map_or(ceiling, |s| s.min(ceiling));
        state.waits = state.waits.saturating_add(1);
        let jitter = Duration::from_millis(self.0.ids.below(seconds * 250).into());
        retry(Duration::from_secs(seconds.into()) + jitter, &state)
    }
}

fn retry(after: Duration, state: &EventState) -> Attempted {
    Attempted::Retry { after, state: json!(state) }
}

/// What a record begins with at a destination; `None` ends a loop of functions.
fn state_at(target: &Arn, state: &EventState) -> Option<Value> {
    if target.service() != "lambda" {
        return Some(Value::Null);
    }
    let next = EventState { hops: state.hops + 1, ..EventState::default() };
    (next.hops <= config::DESTINATION_HOPS).then(|| json!(next))
}

impl Receiver {
    /// What follows the end of an event: a record for a destination, a dead letter, or nothing.
    fn follow(
        &self,
        delivery: &Delivery,
        state: &EventState,
        now: Timestamp,
        result: Result<&Outcome, (GivenUp, Option<&Outcome>)>,
    ) -> Vec<Delivery> {
        let destinations = self.config.as_ref().map(|config| &config.destinations);
        let mut followers = Vec::new();
        let wanted = destinations.and_then(|all| match result {
            Ok(_) => all.on_success.destination.clone(),
            Err(_) => all.on_failure.destination.clone(),
        });
        if let Some(target) = wanted {
            let text = record::record(&self.function, delivery, state, now, result);
            match state_at(&target, state) {
                Some(state) => followers.push(self.follower(delivery, target, text, state, now)),
                None => {
                    let id = &delivery.id;
                    tracing::warn!(%id, %target, "a record is dropped: its functions run in a loop");
                }
            }
        }
        if let (Err((given_up, outcome)), Some(target)) =
            (result, &self.function.settings.dead_letter)
        {
            let attributes = record::dead_letter_attributes(delivery, given_up, outcome);
            let payload = delivery.payload.clone();
            followers.push(self.follower(delivery, target.clone(), payload, attributes, now));
        }
        followers
    }

    /// A delivery as the function's role. Its id follows from the event's, so that a repeated
    /// attempt makes the same one.
    fn follower(
        &self,
        delivery: &Delivery,
        target: Arn,
        payload: String,
        state: Value,
        now: Timestamp,
    ) -> Delivery {
        let hash = Sha256::new()
            .chain_update(delivery.id.as_bytes())
            .chain_update(target.as_str())
            .chain_update([u8::from(state.is_null())])
            .finalize();
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        Delivery {
            id: types::RequestId::from_random(id),
            target,
            payload,
            principal: self.function.settings.role.to_string(),
            source: Some(self.function.arn.clone()),
            created: now,
            attempts: 0,
            state,
            trace: self.trace.clone(),
            // A destination or a dead-letter queue has none of its own: what it does not take is
            // counted ("Async: DestinationDeliveryFailures, DeadLetterErrors").
            give_up: GiveUp::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_of_destinations_ends() {
        let function = "arn:aws:lambda:us-east-1:000000000000:function:f".parse().unwrap();
        let queue = "arn:aws:sqs:us-east-1:000000000000:q".parse().unwrap();
        let mut state = EventState { authorized: true, ..EventState::default() };
        for hop in 1..=config::DESTINATION_HOPS {
            let next = state_at(&function, &state).expect("the loop ended early");
            state = serde_json::from_value(next).unwrap();
            assert_eq!((state.hops, state.authorized), (hop, false));
        }
        assert_eq!(state_at(&function, &state), None);
        assert_eq!(state_at(&queue, &state), Some(Value::Null));
    }
}
