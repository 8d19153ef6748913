//! Reading a batch from a source, and settling it.

use super::batch::{Batch, Item};
use crate::{Core, Stop, config};
use kv::{Transaction, Watch};
use pattern::Pattern;
use service::{Caller, Fault, Source, SourceRecord, Transact, Wanted, mapping::Mapping, transact};
use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};
use types::{Arn, Timestamp};

/// The service principal that assumes a function's role.
const LAMBDA: &str = "lambda.amazonaws.com";

/// Reads for one mapping.
pub(super) struct Reader {
    pub(super) core: Arc<Core>,
    pub(super) mapping: Mapping,
    pub(super) source: Arc<dyn Source>,
    pub(super) watch: Watch,
    pub(super) filters: Filters,
    /// Records that were read and did not fit into the last batch.
    pub(super) waiting: VecDeque<Item>,
}

/// The records that a mapping's function is for.
pub(super) struct Filters(Vec<Pattern>);

impl Filters {
    pub(super) fn of(mapping: &Mapping) -> Result<Self, pattern::Error> {
        mapping.filters.iter().map(|text| Pattern::parse(text)).collect::<Result<_, _>>().map(Self)
    }

    fn take(&self, source: &dyn Source, record: &SourceRecord) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let event = source.for_patterns(&record.event);
        self.0.iter().any(|pattern| pattern.matches(&event))
    }
}

/// What a source had.
pub(super) enum Gathered {
    Batch(Batch),
    /// Nothing; look again at this time at the latest.
    Nothing(Timestamp),
}

impl Reader {
    /// Gathers a batch: all that is there, or with a window all that comes until the window ends,
    /// the batch is full or its payload is.
    ///
    /// # Errors
    /// The source's, if not even one record was read.
    pub(super) async fn gather(&mut self, stop: &mut Stop) -> Result<Gathered, Fault> {
        let clock = self.core.platform.clock.clone();
        let window = Duration::from_secs(u64::from(self.mapping.window_seconds));
        let mut batch = Batch::new(self.mapping.batch_size);
        let mut deadline = None;
        loop {
            batch.fill(&mut self.waiting);
            if batch.is_full() || !self.waiting.is_empty() {
                return Ok(Gathered::Batch(batch));
            }
            if !batch.is_empty() {
                let deadline = *deadline.get_or_insert_with(|| clock.now() + window);
                if clock.now() >= deadline || stop.is_requested() {
                    return Ok(Gathered::Batch(batch));
                }
            }
            let room = batch.room().min(config::READ_RECORDS);
            let next = match self.receive(room).await {
                Ok((records, next)) if records.is_empty() => next,
                Ok((records, _)) => {
                    self.note_ages(&records);
                    self.waiting.extend(records.into_iter().map(Item::from));
                    continue;
                }
                // What was read is handled; the fault shows again at the next read.
                Err(_) if !batch.is_empty() => return Ok(Gathered::Batch(batch)),
                Err(fault) => return Err(fault),
            };
            let next = next.unwrap_or(Timestamp::from_millis(u64::MAX));
            let Some(deadline) = deadline else {
                return Ok(Gathered::Nothing(next.min(clock.now() + config::IDLE_READ)));
            };
            tokio::select! {
                () = stop.requested() => {}
                () = self.watch.changed() => {}
                () = clock.sleep_until(next.min(deadline)) => {}
            }
        }
    }

    /// Counts how long records have waited to be read.
    fn note_ages(&self, records: &[SourceRecord]) {
        let function = self.mapping.function.resource();
        let name = function.split(':').nth(1).unwrap_or(function);
        let ages = self.core.ages.of(name);
        let now = self.core.platform.clock.now();
        for since in records.iter().filter_map(|one| self.source.waits_since(&one.event)) {
            ages.observe(now.since(since).as_secs_f64());
        }
    }

    /// Where the function cannot say which items failed, a batch fails as a whole: it is of one group
    /// then, so that a group which fails takes no other with it.
    fn one_group(&self) -> bool {
        self.is_ordered() && !self.mapping.reports_item_failures
    }

    /// Whether records of one group must be handled one after the other.
    pub(super) fn is_ordered(&self) -> bool {
        self.source.is_ordered(&self.mapping.source)
    }

    async fn receive(&self, limit: u32) -> Result<(Vec<SourceRecord>, Option<Timestamp>), Fault> {
        let role = self.core.invoker.role(&self.mapping.function).await?;
        let session = Session { core: &self.core, role, function: &self.mapping.function };
        let (source, arn) = (self.source.as_ref(), &self.mapping.source);
        let receive =
            Receive { session, source, arn, wanted: Wanted { limit, one_group: self.one_group() } };
        let batch = transact(&self.core.platform.store, &receive).await?;
        // Not in the transaction: a large body takes its time.
        let (records, others): (Vec<_>, Vec<_>) =
            batch.records.into_iter().partition(|record| self.filters.take(source, record));
        if others.is_empty() {
            return Ok((records, batch.next));
        }
        let done: Vec<String> = others.into_iter().map(|record| record.handle).collect();
        if let Err(fault) = settle(&self.core, &self.mapping, source, &done, &[]).await {
            let id = &self.mapping.id;
            tracing::warn!(%id, %fault, "what no filter is for was not removed and comes again");
        }
        // More may lie behind them.
        Ok((records, Some(self.core.platform.clock.now())))
    }
}

/// Acts as the function's role.
struct Session<'a> {
    core: &'a Core,
    role: Arn,
    function: &'a Arn,
}

impl Session<'_> {
    async fn caller(&self, tx: &mut Transaction) -> Result<Caller, Fault> {
        let name = self.function.resource().split(':').nth(1).unwrap_or("function");
        self.core.identities.assume(tx, &self.role, name, LAMBDA).await
    }
}

struct Receive<'a> {
    session: Session<'a>,
    source: &'a dyn Source,
    arn: &'a Arn,
    wanted: Wanted,
}

impl Transact for Receive<'_> {
    type Output = service::Batch;

    async fn run(&self, tx: &mut Transaction) -> Result<service::Batch, Fault> {
        let caller = self.session.caller(tx).await?;
        let now = self.session.core.platform.clock.now();
        self.source.receive(tx, &caller, self.arn, self.wanted, now).await
    }
}

/// Keeps the records of a batch from others, and never ends: to be polled while the function has
/// them. An instance may start for longer than the source hides what was read, and the same records
/// given to a second instance would make that no better.
pub(super) async fn hold(
    core: &Core,
    mapping: &Mapping,
    source: &dyn Source,
    handles: &[String],
) -> Infallible {
    loop {
        core.platform.clock.sleep(config::HOLD_RENEWAL).await;
        if let Err(fault) = hold_on(core, mapping, source, handles).await {
            let id = &mapping.id;
            tracing::warn!(%id, %fault, "a batch was not kept from others");
        }
    }
}

async fn hold_on(
    core: &Core,
    mapping: &Mapping,
    source: &dyn Source,
    handles: &[String],
) -> Result<(), Fault> {
    let role = core.invoker.role(&mapping.function).await?;
    let session = Session { core, role, function: &mapping.function };
    for handles in handles.chunks(config::SETTLE_RECORDS) {
        let hold = Hold { session: &session, source, arn: &mapping.source, handles };
        transact(&core.platform.store, &hold).await?;
    }
    Ok(())
}

struct Hold<'a> {
    session: &'a Session<'a>,
    source: &'a dyn Source,
    arn: &'a Arn,
    handles: &'a [String],
}

impl Transact for Hold<'_> {
    type Output = ();

    async fn run(&self, tx: &mut Transaction) -> Result<(), Fault> {
        let caller = self.session.caller(tx).await?;
        let now = self.session.core.platform.clock.now();
        let until = now + config::HOLD;
        self.source.hold(tx, &caller, self.arn, self.handles, until, now).await
    }
}

/// Settles a batch: these records are done, those failed.
///
/// # Errors
/// The source's. The records come back when it no longer hides them.
pub(super) async fn settle(
    core: &Core,
    mapping: &Mapping,
    source: &dyn Source,
    done: &[String],
    failed: &[String],
) -> Result<(), Fault> {
    let role = core.invoker.role(&mapping.function).await?;
    let session = Session { core, role, function: &mapping.function };
    let (session, arn) = (&session, &mapping.source);
    for done in done.chunks(config::SETTLE_RECORDS) {
        let settle = Settle { session, source, arn, done, failed: &[] };
        transact(&core.platform.store, &settle).await?;
    }
    for failed in failed.chunks(config::SETTLE_RECORDS) {
        let settle = Settle { session, source, arn, done: &[], failed };
        transact(&core.platform.store, &settle).await?;
    }
    Ok(())
}

struct Settle<'a> {
    session: &'a Session<'a>,
    source: &'a dyn Source,
    arn: &'a Arn,
    done: &'a [String],
    failed: &'a [String],
}

impl Transact for Settle<'_> {
    type Output = ();

    async fn run(&self, tx: &mut Transaction) -> Result<(), Fault> {
        let caller = self.session.caller(tx).await?;
        let now = self.session.core.platform.clock.now();
        self.source.settle(tx, &caller, self.arn, self.done, self.failed, now).await
    }
}
