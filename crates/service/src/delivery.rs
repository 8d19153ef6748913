//! Deliveries: what one service owes another, or the outside.
//!
//! `tag, account, region, due (u64 ms), id (16 bytes)` → [`Delivery`]. The router reads the head
//! of this range only, so a million future deliveries cost nothing while they wait. A claim moves
//! the record to the end of its lease; whoever finds it there again may try again.

use crate::{Caller, Context, Fault, Platform, Refusal, Target, tag};
use kv::{Key, KeyBuilder, Range, Record, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use types::{AccountId, Arn, Region, RequestId, Timestamp};

/// One delivery, from commit to effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// Unique; an asynchronous invocation's request id.
    pub id: RequestId,
    /// Where to.
    pub target: Arn,
    /// What: text, usually JSON.
    pub payload: String,
    /// On whose behalf: a service principal (`sns.amazonaws.com`) or a role's ARN.
    pub principal: String,
    /// The resource that it comes from, `aws:SourceArn`.
    pub source: Option<Arn>,
    /// When it was made.
    pub created: Timestamp,
    /// Attempts so far that were begun.
    pub attempts: u32,
    /// What belongs to the target: its retry settings and its own counts.
    pub state: Value,
    /// The trace header of what it comes from: the chain of invocations that led to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// What becomes of it when its target keeps refusing it.
    #[serde(default)]
    pub give_up: GiveUp,
}

/// What becomes of a delivery that its target keeps refusing, as the contract of its source says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiveUp {
    /// The age in seconds at which it is given up; the router's own limit if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_seconds: Option<u32>,
    /// Where it goes then, as it is and on behalf of the same principal: the dead-letter queue of
    /// its source. Without one it is dropped, counted and logged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letter: Option<Arn>,
}

impl Record for Delivery {
    const VERSION: u8 = 1;
}

/// The range of all deliveries of one account and region.
#[must_use]
pub fn all(account: &AccountId, region: &Region) -> Range {
    Range::prefix(&prefix(account, region).build())
}

/// The key of a delivery that is due at `due`.
#[must_use]
pub fn key(account: &AccountId, region: &Region, due: Timestamp, id: &RequestId) -> Key {
    prefix(account, region).u64(due.as_millis()).fixed16(id.as_bytes()).build()
}

fn prefix(account: &AccountId, region: &Region) -> KeyBuilder {
    KeyBuilder::new(tag::DELIVERY).str(account.as_str()).str(region.as_str())
}

impl Context {
    /// Delivers: into a transactional target at once, as part of this transaction; to any other
    /// as a durable record that the router carries out.
    ///
    /// A target that refuses gets the delivery later, from the router.
    ///
    /// # Errors
    /// The store's.
    pub async fn deliver(
        &self,
        tx: &mut Transaction,
        delivery: &Delivery,
    ) -> Result<(), kv::Error> {
        deliver(&self.platform, tx, delivery, self.now).await
    }
}

/// As [`Context::deliver`], for what works outside of a request.
///
/// # Errors
/// The store's.
pub async fn deliver(
    platform: &Platform,
    tx: &mut Transaction,
    delivery: &Delivery,
    now: Timestamp,
) -> Result<(), kv::Error> {
    if let Some(target) = platform.target(delivery.target.service()) {
        match apply(platform, target.as_ref(), tx, delivery, now).await {
            Ok(()) => return Ok(()),
            Err(Refusal::Store(error)) => return Err(error),
            Err(Refusal::Refused { .. }) => {}
        }
    }
    tx.put_record(key(&platform.account, &platform.region, now, &delivery.id), delivery)
}

/// Applies a delivery to a transactional target, as the delivery's principal.
///
/// # Errors
/// The target refuses it, its principal is gone, or the store fails.
pub async fn apply(
    platform: &Platform,
    target: &dyn Target,
    tx: &mut Transaction,
    delivery: &Delivery,
    now: Timestamp,
) -> Result<(), Refusal> {
    let caller = delivery.caller(platform, tx).await.map_err(|fault| Refusal::Refused {
        code: fault.code().to_owned(),
        message: fault.message().to_owned(),
    })?;
    target.apply(tx, &caller, delivery, now).await
}

/// The session name of a role that acts for a delivery.
const SESSION: &str = "delivery";
/// The service that assumes the roles in deliveries: they are functions' execution roles.
const ASSUMED_BY: &str = "lambda.amazonaws.com";

impl Delivery {
    /// The delivery to the dead-letter queue, if there is one, when this one is given up.
    #[must_use]
    pub fn into_dead_letter(self, now: Timestamp) -> Option<Self> {
        let target = self.give_up.dead_letter?;
        // What a target of another kind keeps there means nothing to a queue.
        let same_kind = target.service() == self.target.service();
        let state = if same_kind { self.state } else { Value::Null };
        let give_up = GiveUp::default();
        Some(Self { target, state, created: now, attempts: 0, give_up, ..self })
    }

    /// On whose behalf it is made: a service principal, or a role's session.
    ///
    /// # Errors
    /// The role is gone or does not trust functions.
    pub async fn caller(&self, platform: &Platform, tx: &mut Transaction) -> Result<Caller, Fault> {
        let Ok(role) = self.principal.parse::<Arn>() else {
            let source = self.source.as_ref().map(Arn::as_str);
            return Ok(Caller::service(&self.principal, platform.account.clone(), source));
        };
        let identities = platform.identities();
        let identities = identities.ok_or_else(|| Fault::internal("no identities connected"))?;
        identities.assume(tx, &role, SESSION, ASSUMED_BY).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_delivery_stays_readable() {
        let bytes = b"\x01{\"id\":[0,0,0,0,0,0,64,0,128,0,0,0,0,0,0,0],\
            \"target\":\"arn:aws:sqs:eu-1:000000000000:q\",\"payload\":\"{}\",\
            \"principal\":\"sns.amazonaws.com\",\"source\":null,\"created\":5,\"attempts\":2,\
            \"state\":{\"a\":1}}";
        let delivery: Delivery = kv::decode_record(bytes).unwrap();
        assert_eq!((delivery.attempts, &delivery.give_up), (2, &GiveUp::default()));
        assert_eq!(delivery.trace, None);
        assert_eq!(delivery.clone().into_dead_letter(Timestamp::from_secs(9)), None);
        let dead: Arn = "arn:aws:sqs:eu-1:000000000000:dead".parse().unwrap();
        let give_up = GiveUp { after_seconds: Some(1), dead_letter: Some(dead.clone()) };
        let letter = Delivery { give_up, ..delivery.clone() };
        let letter = letter.into_dead_letter(Timestamp::from_secs(9)).unwrap();
        assert_eq!((letter.target, letter.payload), (dead, delivery.payload));
        assert_eq!((letter.attempts, letter.state), (0, delivery.state));
    }
}
