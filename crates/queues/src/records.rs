//! What queues keep in the store, for checks and backups.

use crate::{
    keys::{
        ATTEMPT, BODY, CURSOR, DELAYED, FIRST, FLIGHT, GROUP, HIDDEN, Id, LOCKED, PLACE, QUEUE,
        READY, SENT, StoreId, TICKET, TOTAL, body, delayed, flight, group, hidden, locked, places,
        read_timed_group,
    },
    model::{Attempted, Bodies, First, Flight, Group, Place, Queue, State},
};
use kv::{Entry, Error, Key, KeyReader, Stamp, Tag, Value};
use service::{Inspection, Records, records::Condition};

/// What lies under each of its key tags. The master key opens the bodies of messages.
#[must_use]
pub fn records(master_key: &[u8; 32]) -> Vec<Records> {
    let bodies = Bodies::new(master_key);
    let mut records = vec![
        Records::plain::<Queue>(QUEUE, "queue"),
        Records::new(BODY, "message", move |entry, _| {
            let (store, id) = in_store(BODY, entry)?;
            match bodies.decode(&store, &entry.value) {
                Some(message) if message.id == id => Ok(()),
                _ => Err(Error::Corrupt("no message, or another one".to_owned())),
            }
        }),
        Records::new(READY, "place of a ready message", |entry, inspection| {
            let (store, _) = store(READY, &entry.key)?;
            let place: Place = kv::decode_record(&entry.value)?;
            requires(inspection, &store, body(&store, &place.id));
            Ok(())
        }),
        Records::new(HIDDEN, "place of a hidden message", |entry, inspection| {
            let (store, mut key) = store(HIDDEN, &entry.key)?;
            key.u64()?;
            let id = key.fixed16()?;
            requires(inspection, &store, flight(&store, &id));
            Ok(())
        }),
        Records::new(FLIGHT, "state of a hidden message", |entry, inspection| {
            let (store, id) = in_store(FLIGHT, entry)?;
            let found: Flight = kv::decode_record(&entry.value)?;
            requires(inspection, &store, body(&store, &id));
            requires(inspection, &store, hidden(&store, found.visible_at, &id));
            Ok(())
        }),
        Records::numbers(TOTAL, "count of messages"),
        Records::bytes(CURSOR, "cursor of receivers"),
    ];
    records.extend(fifo());
    records
}

/// What only FIFO queues keep.
fn fifo() -> Vec<Records> {
    vec![
        Records::new(GROUP, "message group", |entry, inspection| {
            let (store, mut key) = store(GROUP, &entry.key)?;
            let name = key.str()?;
            key.finish()?;
            let group: Group = kv::decode_record(&entry.value)?;
            match group.state {
                // Its ticket names it, but not the other way round.
                State::Ready => {}
                State::Delayed(sent) => requires(inspection, &store, delayed(&store, sent, &name)),
                State::Locked(lock) => {
                    requires(inspection, &store, locked(&store, lock.until, &name));
                    let prefix = places(&store, &name, group.life);
                    for flight in lock.flights {
                        let place = Stamp::from_bytes(flight.stamp).in_key(&prefix, &[]);
                        requires(inspection, &store, place);
                    }
                }
            }
            Ok(())
        }),
        Records::new(PLACE, "place of a message in its group", |entry, inspection| {
            let (store, mut key) = store(PLACE, &entry.key)?;
            let name = key.str()?;
            let place: Place = kv::decode_record(&entry.value)?;
            requires(inspection, &store, body(&store, &place.id));
            requires(inspection, &store, group(&store, &name));
            Ok(())
        }),
        Records::new(TICKET, "group that can be taken from", |entry, inspection| {
            let (store, _) = store(TICKET, &entry.key)?;
            let name = str::from_utf8(&entry.value);
            let name = name.map_err(|_| Error::Corrupt("no name of a group".to_owned()))?;
            requires(inspection, &store, group(&store, name));
            Ok(())
        }),
        timed(LOCKED, "group in flight"),
        timed(DELAYED, "delayed group"),
        Records::plain::<First>(FIRST, "message that others repeat"),
        Records::bytes(SENT, "time of a message that others repeat"),
        Records::plain::<Attempted>(ATTEMPT, "receive that can be tried again"),
    ]
}

/// A list of groups in the order of a time.
fn timed(tag: Tag, what: &'static str) -> Records {
    Records::new(tag, what, move |entry, inspection| {
        let (store, _) = store(tag, &entry.key)?;
        let (_, name) = read_timed_group(tag, &entry.key)?;
        requires(inspection, &store, group(&store, &name));
        Ok(())
    })
}

/// What must be there as long as the queue has this store: a job clears an old one in any order.
fn requires(inspection: &mut Inspection, store: &StoreId, key: Key) {
    let only_if = Condition {
        key: crate::keys::queue(&store.account, &store.region, &store.name),
        accepts: has_store,
        with: store.id.to_vec(),
    };
    inspection.requires_if(key, only_if);
}

fn has_store(queue: &Value, id: &[u8]) -> bool {
    kv::decode_record::<Queue>(queue).is_ok_and(|queue| queue.store.id == id)
}

/// Store and message of a key that ends with them.
fn in_store(tag: Tag, entry: &Entry) -> Result<(StoreId, Id), Error> {
    let (store, mut key) = store(tag, &entry.key)?;
    let id = key.fixed16()?;
    key.finish()?;
    Ok((store, id))
}

fn store(tag: Tag, key: &[u8]) -> Result<(StoreId, KeyReader<'_>), Error> {
    let mut key = KeyReader::new(tag, key)?;
    let account = key.str()?.parse().map_err(|_| Error::Corrupt("an account".to_owned()))?;
    let region = key.str()?.parse().map_err(|_| Error::Corrupt("a region".to_owned()))?;
    let name = key.str()?;
    let id = key.fixed16()?;
    Ok((StoreId { account, region, name, id }, key))
}
