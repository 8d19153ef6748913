use super::Group;
use crate::{Error, keys::Id};
use clock::Ids;
use kv::{Record, Transaction};
use serde::{Deserialize, Serialize};
use types::{AccountId, Region, Timestamp};

/// A log stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Stream {
    pub(crate) name: String,
    pub(crate) id: Id,
    pub(crate) created: Timestamp,
    /// The latest timestamp of its events.
    pub(crate) last_event: Option<Timestamp>,
    /// When events were last accepted.
    pub(crate) last_ingestion: Option<Timestamp>,
}

impl Record for Stream {
    const VERSION: u8 = 1;
}

/// What policies call a stream.
pub(crate) fn stream_resource(
    account: &AccountId,
    region: &Region,
    group: &str,
    stream: &str,
) -> String {
    super::group_arn(account, region, group).to_string() + ":log-stream:" + stream
}

pub(crate) async fn find_stream(
    tx: &mut Transaction,
    group: &Group,
    name: &str,
) -> Result<Option<Stream>, Error> {
    Ok(tx.get_record(&group.id.stream(name)).await?)
}

/// The stream of that name.
///
/// # Errors
/// There is none.
pub(crate) async fn get_stream(
    tx: &mut Transaction,
    group: &Group,
    name: &str,
) -> Result<Stream, Error> {
    find_stream(tx, group, name).await?.ok_or(Error::StreamNotFound)
}

/// Makes a stream that does not exist.
pub(crate) fn create_stream(
    tx: &mut Transaction,
    group: &Group,
    name: &str,
    ids: &Ids,
    now: Timestamp,
) -> Result<Stream, Error> {
    let stream = Stream {
        name: name.to_owned(),
        id: ids.bytes(),
        created: now,
        last_event: None,
        last_ingestion: None,
    };
    stream.save(tx, group)?;
    Ok(stream)
}

impl Stream {
    /// Writes it with its place among the streams by their last event.
    pub(crate) fn save(&self, tx: &mut Transaction, group: &Group) -> Result<(), Error> {
        tx.put_record(group.id.stream(&self.name), self)?;
        let place = group.id.recent(self.last_event, &self.name);
        Ok(tx.put(place, kv::Value::copy_from_slice(&self.id))?)
    }

    /// Removes it and its place; its events are left.
    pub(crate) fn remove(&self, tx: &mut Transaction, group: &Group) -> Result<(), Error> {
        tx.delete(group.id.recent(self.last_event, &self.name))?;
        Ok(tx.delete(group.id.stream(&self.name))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_stream_stays_readable() {
        let bytes = b"\x01{\"name\":\"s\",\"id\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],\
            \"created\":5,\"last_event\":6,\"last_ingestion\":null}";
        let stream: Stream = kv::decode_record(bytes).unwrap();
        assert_eq!(stream.last_event, Some(Timestamp::from_millis(6)));
        assert_eq!(&kv::encode_record(&stream)[..], bytes);
    }
}
