//! Deliveries: claimed, tried, then removed or tried again.

use crate::{
    Core,
    backoff::backoff,
    config,
    due::{Claim, Due, Move, Place, Settled},
};
use futures_util::future::BoxFuture;
use kv::{Key, Range, Tag, Transaction};
use service::{
    Attempted, ExternalTarget, Fault, Refusal, Target, Transact,
    delivery::{self, Delivery},
    tag, transact,
};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use types::Timestamp;

pub(crate) struct Deliveries {
    core: Arc<Core>,
}

impl Deliveries {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    fn now(&self) -> Timestamp {
        self.core.platform.clock.now()
    }

    /// In one transaction with its effect: exactly once.
    async fn apply(&self, claim: &Claim<Delivery>, target: &dyn Target) {
        let (platform, now) = (&self.core.platform, self.now());
        let at = claim.place.held(&platform.store).await;
        let apply = Apply { platform, claim: &at.key, record: &claim.record, target, now };
        let applied = transact(&platform.store, &apply).await;
        drop(at);
        if let Err(fault) = applied {
            let age = self.now().since(claim.record.created);
            let limit = claim.record.give_up.after_seconds;
            let limit =
                limit.map_or(config::REFUSED_DELIVERY_AGE, |s| Duration::from_secs(s.into()));
            let is_refused = !fault.is_retryable() && fault.http_status() < 500;
            if is_refused && age >= limit {
                self.give_up(&claim.place, &claim.record, fault.code(), fault.message()).await;
            } else {
                self.fail(claim, &fault).await;
            }
        }
    }

    /// Hands a delivery that its target does not take to its dead-letter queue, or drops it.
    async fn give_up(&self, claim: &Place, record: &Delivery, code: &str, message: &str) {
        let Delivery { id, target, source, .. } = record;
        let source = source.as_ref().map_or("", |source| source.as_str());
        let letter = record.clone().into_dead_letter(self.now());
        match &letter {
            Some(letter) => tracing::warn!(
                %id, %target, source, dead_letter = %letter.target, code, message,
                "a delivery goes to its dead-letter queue: its target refused it"
            ),
            None => {
                let dropped = self.core.dropped.fetch_add(1, Ordering::Relaxed) + 1;
                tracing::error!(
                    %id, %target, source, code, message, dropped,
                    "a delivery is dropped: its target refused it, and it has no dead-letter queue"
                );
            }
        }
        let followers = letter.into_iter().collect();
        self.finish(claim, followers).await;
    }

    /// Outside of the store: at least once.
    async fn attempt(&self, claim: Claim<Delivery>, target: &dyn ExternalTarget) {
        match target.attempt(&claim.record).await {
            Ok(Attempted::Done(followers)) => self.finish(&claim.place, followers).await,
            Ok(Attempted::Refused { code, message }) => {
                self.give_up(&claim.place, &claim.record, &code, &message).await;
            }
            Ok(Attempted::Retry { after, state }) => {
                let record = Delivery { state, ..claim.record };
                self.reschedule(&claim.place, &record, after).await;
            }
            Err(fault) => self.fail(&claim, &fault).await,
        }
    }

    async fn fail(&self, claim: &Claim<Delivery>, fault: &Fault) {
        let Delivery { id, target, attempts, .. } = &claim.record;
        tracing::warn!(%id, %target, attempts, %fault, "a delivery failed and will be tried again");
        let after = backoff(*attempts, config::BACKOFF_MAX, &self.core.ids);
        self.reschedule(&claim.place, &claim.record, after).await;
    }

    async fn reschedule(&self, claim: &Place, record: &Delivery, after: Duration) {
        let at = claim.held(&self.core.platform.store).await;
        let key = self.key(self.now() + after, record);
        self.settle(Move { claim: &at.key, to: Some((key, record)) }).await;
    }

    async fn finish(&self, claim: &Place, followers: Vec<Delivery>) {
        let at = claim.held(&self.core.platform.store).await;
        self.settle(Finish { core: &self.core, claim: &at.key, followers }).await;
    }

    async fn settle(&self, work: impl Transact<Output = Settled>) {
        match transact(&self.core.platform.store, &work).await {
            Ok(Settled::Held) => {}
            Ok(Settled::Lost) => {
                tracing::warn!(
                    "the lease of a delivery was lost: its outcome does not count, another tries it"
                );
            }
            // The record comes back at the end of its lease.
            Err(fault) => tracing::error!(%fault, "the result of a delivery was not stored"),
        }
    }
}

impl Due for Deliveries {
    type Record = Delivery;

    fn tag(&self) -> Tag {
        tag::DELIVERY
    }

    fn range(&self) -> Range {
        delivery::all(&self.core.platform.account, &self.core.platform.region)
    }

    fn key(&self, due: Timestamp, record: &Delivery) -> Key {
        delivery::key(&self.core.platform.account, &self.core.platform.region, due, &record.id)
    }

    fn begin(&self, record: &mut Delivery) {
        record.attempts = record.attempts.saturating_add(1);
    }

    fn work(self: Arc<Self>, claim: Claim<Delivery>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let service = claim.record.target.service();
            let platform = &self.core.platform;
            if let Some(target) = platform.target(service) {
                self.apply(&claim, target.as_ref()).await;
            } else if let Some(target) = platform.external_target(service) {
                self.attempt(claim, target.as_ref()).await;
            } else {
                let fault = Fault::internal(format!("nothing delivers to {service}"));
                self.fail(&claim, &fault).await;
            }
        })
    }
}

struct Apply<'a> {
    platform: &'a service::Platform,
    claim: &'a Key,
    record: &'a Delivery,
    target: &'a dyn Target,
    now: Timestamp,
}

impl Transact for Apply<'_> {
    type Output = ();

    async fn run(&self, tx: &mut Transaction) -> Result<(), Fault> {
        if tx.get(self.claim).await?.is_none() {
            return Ok(());
        }
        match delivery::apply(self.platform, self.target, tx, self.record, self.now).await {
            Ok(()) => Ok(tx.delete(self.claim.clone())?),
            Err(Refusal::Store(error)) => Err(error.into()),
            // A fault, so that nothing the target may have written is committed.
            Err(Refusal::Refused { code, message }) => Err(Fault::sender(code, message)),
        }
    }
}

/// Removes a delivery and makes those that follow it.
struct Finish<'a> {
    core: &'a Core,
    claim: &'a Key,
    followers: Vec<Delivery>,
}

impl Transact for Finish<'_> {
    type Output = Settled;

    async fn run(&self, tx: &mut Transaction) -> Result<Settled, Fault> {
        if tx.get(self.claim).await?.is_none() {
            return Ok(Settled::Lost);
        }
        tx.delete(self.claim.clone())?;
        let now = self.core.platform.clock.now();
        for follower in &self.followers {
            delivery::deliver(&self.core.platform, tx, follower, now).await?;
        }
        Ok(Settled::Held)
    }
}
