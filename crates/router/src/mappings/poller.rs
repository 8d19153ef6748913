use super::{
    batch::{Batch, Item},
    failures::{Failures, failures},
    gather::{Filters, Gathered, Reader, hold, settle},
    scale::Scale,
};
use crate::{Core, Stop, backoff::backoff, config};
use service::{BatchOutcome, Fault, Source, mapping::Mapping};
use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};
use tokio::task::{JoinError, JoinSet};

/// Reads batches for one mapping and invokes its function with them.
pub(super) struct Poller {
    core: Arc<Core>,
    mapping: Mapping,
}

/// The invocations of a poller that have not ended.
#[derive(Default)]
struct Invocations {
    tasks: JoinSet<Outcome>,
    /// Reads and invocations in a row that were refused.
    refusals: u32,
    /// The last refusal has not been waited for yet.
    pause: bool,
}

/// What the poller should make of an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The function ran, well or not.
    Ran,
    /// It did not, or what it did cannot be settled: give it time.
    Refused,
}

impl Poller {
    pub(super) fn new(core: Arc<Core>, mapping: Mapping) -> Self {
        Self { core, mapping }
    }

    /// Polls until it is told to stop, and ends when what it has begun is settled.
    pub(super) async fn run(self: Arc<Self>, mut stop: Stop) {
        let Mapping { id, source: arn, .. } = &self.mapping;
        let Some(source) = self.core.platform.source(arn.service()).cloned() else {
            tracing::error!(%id, %arn, "no service of this node is such an event source");
            return stop.requested().await;
        };
        let filters = match Filters::of(&self.mapping) {
            Ok(filters) => filters,
            Err(error) => {
                tracing::error!(%id, %error, "the filters of a mapping cannot be read");
                return stop.requested().await;
            }
        };
        let mut reader = Reader {
            filters,
            core: self.core.clone(),
            mapping: self.mapping.clone(),
            source: source.clone(),
            watch: self.core.platform.store.watch(&source.watch_key(arn)),
            waiting: VecDeque::new(),
        };
        let mut invocations = Invocations::default();
        let mut scale = Scale::new(self.mapping.max_concurrency);
        while !stop.is_requested() {
            if invocations.reap() {
                scale.ended();
            }
            if invocations.tasks.len() >= scale.limit() {
                self.wait_for_room(&mut invocations, &mut scale, &mut stop).await;
            } else if std::mem::take(&mut invocations.pause) {
                self.wait_after_refusal(invocations.refusals, &mut stop).await;
            } else {
                self.read(&mut reader, &mut invocations, &mut scale, &mut stop).await;
            }
        }
        // What was read is handled, whatever ends the poller.
        while !reader.waiting.is_empty() {
            let mut batch = Batch::new(self.mapping.batch_size);
            batch.fill(&mut reader.waiting);
            self.clone().invoke(batch, VecDeque::new(), &source, &mut invocations);
        }
        while let Some(ended) = invocations.tasks.join_next().await {
            invocations.note(ended);
        }
    }

    /// Reads a batch and invokes the function with it, or waits until there is something to read.
    async fn read(
        self: &Arc<Self>,
        reader: &mut Reader,
        invocations: &mut Invocations,
        scale: &mut Scale,
        stop: &mut Stop,
    ) {
        match reader.gather(stop).await {
            Ok(Gathered::Batch(batch)) => {
                let source = reader.source.clone();
                // What did not fit follows, instead of going beside it, where the order counts.
                let rest = match reader.is_ordered() {
                    true => std::mem::take(&mut reader.waiting),
                    false => VecDeque::new(),
                };
                self.clone().invoke(batch, rest, &source, invocations);
            }
            Ok(Gathered::Nothing(until)) => {
                scale.idle();
                invocations.refusals = 0;
                tokio::select! {
                    () = stop.requested() => {}
                    () = reader.watch.changed() => {}
                    () = self.core.platform.clock.sleep_until(until) => {}
                }
            }
            Err(fault) => {
                let Mapping { id, source, .. } = &self.mapping;
                tracing::warn!(%id, %source, %fault, "an event source cannot be read");
                invocations.refused();
            }
        }
    }

    async fn wait_for_room(
        &self,
        invocations: &mut Invocations,
        scale: &mut Scale,
        stop: &mut Stop,
    ) {
        let clock = &self.core.platform.clock;
        let grows = scale.busy(clock.now());
        let until = grows.unwrap_or_else(|| clock.now() + config::IDLE_READ);
        tokio::select! {
            () = stop.requested() => {}
            Some(ended) = invocations.tasks.join_next() => {
                invocations.note(ended);
                scale.ended();
            }
            () = clock.sleep_until(until) => {}
        }
    }

    async fn wait_after_refusal(&self, refusals: u32, stop: &mut Stop) {
        let pause = backoff(refusals, config::MAPPING_BACKOFF_MAX, &self.core.ids);
        tokio::select! {
            () = stop.requested() => {}
            () = self.core.platform.clock.sleep(pause) => {}
        }
    }

    fn invoke(
        self: Arc<Self>,
        batch: Batch,
        rest: VecDeque<Item>,
        source: &Arc<dyn Source>,
        invocations: &mut Invocations,
    ) {
        let source = source.clone();
        invocations.tasks.spawn(async move { self.handle(batch, rest, source.as_ref()).await });
    }

    /// Invokes the function with a batch and settles it; then with the rest of what was read with it,
    /// without those groups of which something failed: nothing of them may overtake it. After a batch
    /// that could not be settled, and so comes again, the rest comes again too.
    async fn handle(
        &self,
        mut batch: Batch,
        mut rest: VecDeque<Item>,
        source: &dyn Source,
    ) -> Outcome {
        loop {
            let (failed, outcome) = self.handle_one(batch, &rest, source).await;
            rest.retain(|item| item.group.as_ref().is_none_or(|group| !failed.contains(group)));
            if rest.is_empty() || outcome == Outcome::Refused {
                return outcome;
            }
            batch = Batch::new(self.mapping.batch_size);
            batch.fill(&mut rest);
        }
    }

    /// Invokes the function with a batch and settles it. The answer is the groups of what failed.
    async fn handle_one(
        &self,
        mut batch: Batch,
        rest: &VecDeque<Item>,
        source: &dyn Source,
    ) -> (HashSet<String>, Outcome) {
        let Mapping { id, function, .. } = &self.mapping;
        let taken: Vec<String> =
            batch.items.iter().chain(rest).map(|item| item.handle.clone()).collect();
        let (stopped, outcome) = tokio::select! {
            outcome = self.run_batch(&mut batch) => outcome,
            never = hold(&self.core, &self.mapping, source, &taken) => match never {},
        };
        let (failed, outcome) = match outcome {
            Ok(BatchOutcome::Success { response }) => {
                (self.failed(&batch, &response), Outcome::Ran)
            }
            Ok(BatchOutcome::FunctionError { message }) => {
                tracing::debug!(%id, %function, message, "the function failed with a batch");
                (None, Outcome::Ran)
            }
            Ok(BatchOutcome::Throttled | BatchOutcome::Recursive { .. }) => {
                (None, Outcome::Refused)
            }
            Err(fault) => {
                tracing::warn!(%id, %function, %fault, "the function cannot be invoked");
                (None, Outcome::Refused)
            }
        };
        let is_failed = |id: &str| failed.as_ref().is_none_or(|failed| failed.contains(id));
        let (mut failed, done): (Vec<_>, Vec<_>) =
            batch.items.into_iter().partition(|item| is_failed(&item.id));
        failed.extend(stopped);
        let handles = |items: &[Item]| -> Vec<String> {
            items.iter().map(|item| item.handle.clone()).collect()
        };
        let (done, failed_handles) = (handles(&done), handles(&failed));
        let is_settled = tokio::select! {
            is_settled = self.settle(source, &done, &failed_handles) => is_settled,
            never = hold(&self.core, &self.mapping, source, &taken) => match never {},
        };
        let outcome = if is_settled { outcome } else { Outcome::Refused };
        (failed.into_iter().filter_map(|item| item.group).collect(), outcome)
    }

    /// Invokes the function with a batch, without those records of it that come from a loop of its
    /// own: these are taken out, and fail.
    async fn run_batch(&self, batch: &mut Batch) -> (Vec<Item>, Result<BatchOutcome, Fault>) {
        let Mapping { id, function, .. } = &self.mapping;
        let mut stopped = Vec::new();
        loop {
            let (payload, traces) = (batch.payload(), batch.traces());
            match self.core.invoker.invoke_batch(function, payload, &traces).await {
                Ok(BatchOutcome::Recursive { records }) if !records.is_empty() => {
                    tracing::warn!(%id, %function, ?records, "records of a recursive loop fail");
                    stopped.extend(batch.take_out(&records));
                }
                outcome => return (stopped, outcome),
            }
            if batch.is_empty() {
                let response = bytes::Bytes::new();
                return (stopped, Ok(BatchOutcome::Success { response }));
            }
        }
    }

    /// The ids of the records that failed, or `None` if all of them did.
    fn failed(&self, batch: &Batch, response: &[u8]) -> Option<HashSet<String>> {
        if !self.mapping.reports_item_failures {
            return Some(HashSet::new());
        }
        let known: HashSet<&str> = batch.items.iter().map(|item| item.id.as_str()).collect();
        match failures(response, |id| known.contains(id)) {
            Failures::Some(failed) => Some(failed),
            Failures::All(why) => {
                let Mapping { id, function, .. } = &self.mapping;
                tracing::warn!(%id, %function, why, "the answer fails the whole batch");
                None
            }
        }
    }

    /// Settles a batch; false if that cannot be done.
    async fn settle(&self, source: &dyn Source, done: &[String], failed: &[String]) -> bool {
        let Mapping { id, .. } = &self.mapping;
        for attempt in 1..=config::SETTLE_ATTEMPTS {
            let settled = settle(&self.core, &self.mapping, source, done, failed).await;
            let Err(fault) = settled else { return true };
            tracing::warn!(%id, attempt, %fault, "a batch was not settled");
            if !is_passing(&fault) {
                break;
            }
            let pause = backoff(attempt, config::MAPPING_BACKOFF_MAX, &self.core.ids);
            self.core.platform.clock.sleep(pause).await;
        }
        tracing::error!(%id, "a batch is not settled and will come again");
        false
    }
}

/// Whether the same call may succeed later.
fn is_passing(fault: &Fault) -> bool {
    fault.http_status() >= 500
}

impl Invocations {
    /// Notes those that have ended; true if there were any.
    fn reap(&mut self) -> bool {
        let mut any = false;
        while let Some(ended) = self.tasks.try_join_next() {
            self.note(ended);
            any = true;
        }
        any
    }

    fn note(&mut self, ended: Result<Outcome, JoinError>) {
        match ended {
            Ok(Outcome::Ran) => self.refusals = 0,
            Ok(Outcome::Refused) => self.refused(),
            Err(error) => {
                tracing::error!(%error, "an invocation ended without a result");
                self.refused();
            }
        }
    }

    fn refused(&mut self) {
        self.refusals = self.refusals.saturating_add(1);
        self.pause = true;
    }
}
