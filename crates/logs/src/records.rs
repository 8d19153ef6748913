//! What logs keep in the store, for checks and backups.

use crate::{
    keys::{self, EVENT, GROUP, GroupId, RECENT, STORED, STREAM},
    model::{Group, Record, Stream},
};
use kv::{Error, KeyReader};
use service::Records;

/// What lies under each of its key tags.
#[must_use]
pub fn records() -> Vec<Records> {
    vec![
        Records::plain::<Group>(GROUP, "log group"),
        // Not the other way round: a job clears a deleted group's streams before their index.
        Records::of::<Stream>(STREAM, "log stream", |entry, stream, inspection| {
            let mut key = KeyReader::new(STREAM, &entry.key)?;
            let corrupt = |what: &str| Error::Corrupt(what.to_owned());
            let group = GroupId {
                account: key.str()?.parse().map_err(|_| corrupt("an account"))?,
                region: key.str()?.parse().map_err(|_| corrupt("a region"))?,
                id: key.fixed16()?,
            };
            let place = group.recent(stream.last_event, &stream.name);
            inspection.requires_value(place, kv::Value::copy_from_slice(&stream.id));
            Ok(())
        }),
        Records::new(RECENT, "index of log streams", |entry, _| {
            keys::recent_of(&entry.key)?;
            let id = <[u8; 16]>::try_from(&entry.value[..]);
            id.map(drop).map_err(|_| Error::Corrupt("no id of a stream".to_owned()))
        }),
        Records::new(EVENT, "log events", |entry, _| {
            keys::place_of(&entry.key)?;
            let events = Record::decode(&entry.value);
            events.map(drop).map_err(|error| Error::Corrupt(error.to_string()))
        }),
        Records::numbers(STORED, "size of a log group"),
    ]
}
