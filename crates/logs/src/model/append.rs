use super::{Group, Record, Stream, find_group, get_stream, record::counted};
use crate::{Error, config};
use kv::Transaction;
use service::{Fault, Transact};
use types::{AccountId, Region, Timestamp};

/// An event on its way into a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NewEvent<'a> {
    pub(crate) time: Timestamp,
    pub(crate) message: &'a str,
}

/// Adds events to a stream, at most [`config::APPEND_EVENTS`]. Those of one time that follow each
/// other share a record.
pub(crate) fn append(
    tx: &mut Transaction,
    group: &Group,
    stream: &mut Stream,
    events: &[NewEvent<'_>],
    now: Timestamp,
) -> Result<(), Error> {
    let mut rest = events;
    while let Some(first) = rest.first() {
        let mut bytes = 0;
        let mut fits = |event: &NewEvent<'_>| {
            bytes += event.message.len();
            event.time == first.time && bytes <= config::RECORD_BYTES
        };
        let length = rest.iter().take_while(|event| fits(event)).count().max(1);
        let (together, behind) = rest.split_at(length);
        let messages: Vec<&str> = together.iter().map(|event| event.message).collect();
        let prefix = group.id.events_at(&stream.id, first.time);
        tx.put_versionstamped(prefix, &[], Record::encode(now, &messages))?;
        rest = behind;
    }
    let Some(latest) = events.iter().map(|event| event.time).max() else { return Ok(()) };
    if stream.last_event < Some(latest) {
        tx.delete(group.id.recent(stream.last_event, &stream.name))?;
        stream.last_event = Some(latest);
    }
    stream.last_ingestion = Some(now);
    stream.save(tx, group)?;
    let bytes: usize = events.iter().map(|event| counted(event.message)).sum();
    Ok(tx.add(group.id.stored(), i64::try_from(bytes).unwrap_or(i64::MAX))?)
}

/// Adds events to a stream that must exist, in a transaction of its own.
pub(crate) struct Append<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
    pub(crate) group: &'a str,
    pub(crate) stream: &'a str,
    pub(crate) events: &'a [NewEvent<'a>],
    pub(crate) now: Timestamp,
}

impl Transact for Append<'_> {
    type Output = ();

    async fn run(&self, tx: &mut Transaction) -> Result<(), Fault> {
        let found = find_group(tx, self.account, self.region, self.group).await?;
        let group = found.ok_or(Error::GroupNotFound)?;
        let mut stream = get_stream(tx, &group, self.stream).await?;
        Ok(append(tx, &group, &mut stream, self.events, self.now)?)
    }
}
