//! Where everything lies.
//!
//! | tag | key | value |
//! |---|---|---|
//! | `GROUP` | account, region, name | [`Group`](crate::model::Group) |
//! | `STREAM` | group, name | [`Stream`](crate::model::Stream) |
//! | `RECENT` | group, last event (ms, 0 without one), name | the stream's id, 16 bytes |
//! | `EVENT` | group, stream id, timestamp (ms), versionstamp | [`Record`](crate::model::Record) |
//! | `STORED` | group | bytes of messages, by atomic adds |
//!
//! `group` is account, region and the 16 random bytes of [`GroupId`].

use kv::{Key, KeyBuilder, KeyReader, Range, Stamp, Tag};
use serde::{Deserialize, Serialize};
use service::tag;
use types::{AccountId, Region, Timestamp};

pub(crate) const GROUP: Tag = Tag(tag::LOGS);
pub(crate) const STREAM: Tag = Tag(tag::LOGS + 1);
pub(crate) const RECENT: Tag = Tag(tag::LOGS + 2);
pub(crate) const EVENT: Tag = Tag(tag::LOGS + 3);
pub(crate) const STORED: Tag = Tag(tag::LOGS + 4);

/// 16 random bytes: of a group or of a stream.
pub(crate) type Id = [u8; 16];

/// A group's identity, under which all that it holds lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GroupId {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) id: Id,
}

impl GroupId {
    fn under(&self, tag: Tag) -> KeyBuilder {
        let key = KeyBuilder::new(tag).str(self.account.as_str()).str(self.region.as_str());
        key.fixed16(&self.id)
    }

    pub(crate) fn stream(&self, name: &str) -> Key {
        self.under(STREAM).str(name).build()
    }

    /// All streams whose names begin with `prefix`.
    pub(crate) fn streams(&self, prefix: &str) -> Range {
        self.under(STREAM).str_prefix(prefix).range()
    }

    pub(crate) fn recent(&self, last_event: Option<Timestamp>, name: &str) -> Key {
        let last = last_event.unwrap_or_default().as_millis();
        self.under(RECENT).u64(last).str(name).build()
    }

    /// All streams whose last event is at `from` or later.
    pub(crate) fn recent_from(&self, from: Timestamp) -> Range {
        let range = self.under(RECENT).range();
        Range::new(self.under(RECENT).u64(from.as_millis()).build(), range.end)
    }

    /// The prefix of the events of a stream at one time.
    pub(crate) fn events_at(&self, stream: &Id, time: Timestamp) -> Key {
        self.under(EVENT).fixed16(stream).u64(time.as_millis()).build()
    }

    pub(crate) fn event(&self, stream: &Id, time: Timestamp, stamp: Stamp) -> Key {
        let key = self.under(EVENT).fixed16(stream).u64(time.as_millis());
        key.stamp(stamp).build()
    }

    pub(crate) fn events(&self, stream: &Id) -> Range {
        self.under(EVENT).fixed16(stream).range()
    }

    pub(crate) fn stored(&self) -> Key {
        self.under(STORED).build()
    }

    /// Every range that a group has, for the job that clears it.
    pub(crate) fn everything(&self) -> [Range; 4] {
        [STREAM, RECENT, EVENT, STORED].map(|tag| self.under(tag).range())
    }
}

pub(crate) fn group(account: &AccountId, region: &Region, name: &str) -> Key {
    KeyBuilder::new(GROUP).str(account.as_str()).str(region.as_str()).str(name).build()
}

/// All groups whose names begin with `prefix`.
pub(crate) fn groups(account: &AccountId, region: &Region, prefix: &str) -> Range {
    let key = KeyBuilder::new(GROUP).str(account.as_str()).str(region.as_str());
    key.str_prefix(prefix).range()
}

/// The time and the stamp in the key of a record of events.
pub(crate) fn place_of(key: &[u8]) -> Result<(Timestamp, Stamp), kv::Error> {
    let mut reader = group_reader(EVENT, key)?;
    reader.fixed16()?;
    Ok((Timestamp::from_millis(reader.u64()?), reader.stamp()?))
}

/// The last event and the name in a key of `RECENT`.
pub(crate) fn recent_of(key: &[u8]) -> Result<(Timestamp, String), kv::Error> {
    let mut reader = group_reader(RECENT, key)?;
    Ok((Timestamp::from_millis(reader.u64()?), reader.str()?))
}

fn group_reader(tag: Tag, key: &[u8]) -> Result<KeyReader<'_>, kv::Error> {
    let mut reader = KeyReader::new(tag, key)?;
    reader.str()?;
    reader.str()?;
    reader.fixed16()?;
    Ok(reader)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> GroupId {
        let (account, region) = ("000000000000".parse().unwrap(), "eu-1".parse().unwrap());
        GroupId { account, region, id: [7; 16] }
    }

    #[test]
    fn the_key_layout_is_what_it_always_was() {
        let group_prefix = [b"000000000000\0\0eu-1\0\0".as_slice(), &[7; 16]].concat();
        let id = id();
        let key = id.event(&[9; 16], Timestamp::from_millis(258), Stamp::new(3, 4));
        let place = [&[9; 16][..], &[0, 0, 0, 0, 0, 0, 1, 2], &[0, 0, 0, 0, 0, 0, 0, 3, 0, 4]];
        assert_eq!(key[..], [&[0x01, 0x83][..], &group_prefix, &place.concat()].concat());
        let key = id.recent(None, "s");
        assert_eq!(key[..], [&[0x01, 0x82][..], &group_prefix, &[0; 8], b"s\0\0"].concat());
        assert_eq!(id.stream("s")[..], [&[0x01, 0x81][..], &group_prefix, b"s\0\0"].concat());
        assert_eq!(id.stored()[..], [&[0x01, 0x84][..], &group_prefix].concat());
        let key = group(&id.account, &id.region, "g");
        assert_eq!(key[..], *b"\x01\x80000000000000\0\0eu-1\0\0g\0\0");
    }

    #[test]
    fn keys_give_back_what_they_were_made_of() {
        let (at, stamp) = (Timestamp::from_millis(5), Stamp::new(3, 4));
        assert_eq!(place_of(&id().event(&[9; 16], at, stamp)), Ok((at, stamp)));
        assert_eq!(recent_of(&id().recent(Some(at), "s")), Ok((at, "s".to_owned())));
    }
}
