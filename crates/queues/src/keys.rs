//! Where everything lies.
//!
//! | tag | key | value |
//! |---|---|---|
//! | `QUEUE` | account, region, name | [`Queue`](crate::model::Queue) |
//! | `BODY` | store, message id | [`Message`](crate::model::Message) and, behind it, its body |
//! | `READY` | store, versionstamp | [`Place`](crate::model::Place) |
//! | `HIDDEN` | store, visible at (ms), message id | 1 byte: is it delayed |
//! | `FLIGHT` | store, message id | [`Flight`](crate::model::Flight) |
//! | `TOTAL` | store | count of messages, by atomic adds |
//! | `CURSOR` | store, which list | the lowest key of it that a receiver must look at |
//!
//! A FIFO queue has no `READY`, `HIDDEN` and `FLIGHT`, but (see `docs/design/0008-fifo-queues.md`):
//!
//! | tag | key | value |
//! |---|---|---|
//! | `GROUP` | store, group | [`Group`](crate::model::Group): what can be taken, and who has what |
//! | `PLACE` | store, group, life, versionstamp | [`Place`](crate::model::Place) |
//! | `TICKET` | store, versionstamp | name of a group that can be taken from |
//! | `LOCKED` | store, locked until (ms), group | 1 byte: its messages in flight |
//! | `DELAYED` | store, its first message sent at (ms), group | nothing |
//! | `FIRST` | store, SHA-256, versionstamp | [`First`](crate::model::First) of its duplicates |
//! | `SENT` | store, sent at (ms), versionstamp | SHA-256 and position of its `FIRST` |
//! | `ATTEMPT` | store, id of a receive | [`Attempted`](crate::model::Attempted): what it gave |
//!
//! `store` is account, region, name and 16 random bytes: a [`StoreId`]. A purge gives the queue new
//! ones, so it is done at once whatever the queue holds.

use kv::{Key, KeyBuilder, KeyReader, Range, Stamp, Tag};
use serde::{Deserialize, Serialize};
use service::tag;
use types::{AccountId, Region, Timestamp};

pub(crate) const QUEUE: Tag = Tag(tag::QUEUES);
pub(crate) const BODY: Tag = Tag(tag::QUEUES + 1);
pub(crate) const READY: Tag = Tag(tag::QUEUES + 2);
pub(crate) const HIDDEN: Tag = Tag(tag::QUEUES + 3);
pub(crate) const FLIGHT: Tag = Tag(tag::QUEUES + 4);
pub(crate) const TOTAL: Tag = Tag(tag::QUEUES + 5);
pub(crate) const CURSOR: Tag = Tag(tag::QUEUES + 6);
pub(crate) const GROUP: Tag = Tag(tag::QUEUES + 7);
pub(crate) const PLACE: Tag = Tag(tag::QUEUES + 8);
pub(crate) const TICKET: Tag = Tag(tag::QUEUES + 9);
pub(crate) const LOCKED: Tag = Tag(tag::QUEUES + 10);
pub(crate) const DELAYED: Tag = Tag(tag::QUEUES + 11);
pub(crate) const FIRST: Tag = Tag(tag::QUEUES + 12);
pub(crate) const SENT: Tag = Tag(tag::QUEUES + 13);
pub(crate) const ATTEMPT: Tag = Tag(tag::QUEUES + 14);

/// What the names of FIFO queues end with, and of no others.
pub(crate) const FIFO_SUFFIX: &str = ".fifo";

/// 16 random bytes: a message's id.
pub(crate) type Id = [u8; 16];
/// A SHA-256.
pub(crate) type Hash = [u8; 32];

/// Under what the messages of a queue lie.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct StoreId {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    /// The queue's name.
    pub(crate) name: String,
    pub(crate) id: Id,
}

impl StoreId {
    fn key(&self, tag: Tag) -> KeyBuilder {
        of_queue(tag, &self.account, &self.region, &self.name).fixed16(&self.id)
    }
}

fn of_queue(tag: Tag, account: &AccountId, region: &Region, name: &str) -> KeyBuilder {
    KeyBuilder::new(tag).str(account.as_str()).str(region.as_str()).str(name)
}

pub(crate) fn queue(account: &AccountId, region: &Region, name: &str) -> Key {
    of_queue(QUEUE, account, region, name).build()
}

/// All queues whose names begin with `prefix`.
pub(crate) fn queues(account: &AccountId, region: &Region, prefix: &str) -> Range {
    let key = KeyBuilder::new(QUEUE).str(account.as_str()).str(region.as_str());
    key.str_prefix(prefix).range()
}

pub(crate) fn body(store: &StoreId, message: &Id) -> Key {
    store.key(BODY).fixed16(message).build()
}

/// Everything ready; also the prefix of new versionstamped keys.
pub(crate) fn ready(store: &StoreId) -> Key {
    store.key(READY).build()
}

/// What changes when a message becomes ready in any store of a queue.
pub(crate) fn watched(account: &AccountId, region: &Region, name: &str) -> Key {
    let tag = if name.ends_with(FIFO_SUFFIX) { TICKET } else { READY };
    of_queue(tag, account, region, name).build()
}

pub(crate) fn hidden(store: &StoreId, visible_at: Timestamp, message: &Id) -> Key {
    store.key(HIDDEN).u64(visible_at.as_millis()).fixed16(message).build()
}

pub(crate) fn flight(store: &StoreId, message: &Id) -> Key {
    store.key(FLIGHT).fixed16(message).build()
}

pub(crate) fn total(store: &StoreId) -> Key {
    store.key(TOTAL).build()
}

pub(crate) fn ready_cursor(store: &StoreId) -> Key {
    store.key(CURSOR).u8(0).build()
}

pub(crate) fn group(store: &StoreId, group: &str) -> Key {
    store.key(GROUP).str(group).build()
}

/// The messages of a group in one of its lives; also the prefix of new versionstamped keys.
pub(crate) fn places(store: &StoreId, group: &str, life: u64) -> Key {
    store.key(PLACE).str(group).u64(life).build()
}

/// All tickets; also the prefix of new versionstamped keys.
pub(crate) fn tickets(store: &StoreId) -> Key {
    store.key(TICKET).build()
}

pub(crate) fn ticket_cursor(store: &StoreId) -> Key {
    store.key(CURSOR).u8(2).build()
}

pub(crate) fn locked(store: &StoreId, until: Timestamp, group: &str) -> Key {
    store.key(LOCKED).u64(until.as_millis()).str(group).build()
}

pub(crate) fn delayed(store: &StoreId, sent: Timestamp, group: &str) -> Key {
    store.key(DELAYED).u64(sent.as_millis()).str(group).build()
}

/// The first messages of one hash; also the prefix of new versionstamped keys.
pub(crate) fn firsts(store: &StoreId, hash: &Hash) -> Key {
    let (low, high) = halves(hash);
    store.key(FIRST).fixed16(&low).fixed16(&high).build()
}

fn halves(hash: &Hash) -> (Id, Id) {
    let (mut low, mut high) = ([0; 16], [0; 16]);
    low.copy_from_slice(&hash[..16]);
    high.copy_from_slice(&hash[16..]);
    (low, high)
}

/// What was sent at one time; also the prefix of new versionstamped keys.
pub(crate) fn sent(store: &StoreId, at: Timestamp) -> Key {
    store.key(SENT).u64(at.as_millis()).build()
}

pub(crate) fn attempt(store: &StoreId, id: &str) -> Key {
    store.key(ATTEMPT).str(id).build()
}

/// All keys of one kind of a store.
pub(crate) fn all(store: &StoreId, tag: Tag) -> Range {
    store.key(tag).range()
}

/// The keys of one kind of a store that begin with a time.
pub(crate) fn timeline(store: &StoreId, tag: Tag) -> Timeline {
    let list = match tag {
        HIDDEN => 1,
        LOCKED => 3,
        _ => 4,
    };
    Timeline { prefix: store.key(tag), cursor: store.key(CURSOR).u8(list).build() }
}

/// Keys in the order of their times, and the key of their cursor.
pub(crate) struct Timeline {
    prefix: KeyBuilder,
    pub(crate) cursor: Key,
}

impl Timeline {
    pub(crate) fn all(&self) -> Range {
        self.prefix.clone().range()
    }

    /// The least key of a time.
    pub(crate) fn from(&self, at: Timestamp) -> Key {
        self.prefix.clone().u64(at.as_millis()).build()
    }
}

/// Time and group of a key of `LOCKED` or `DELAYED`.
pub(crate) fn read_timed_group(tag: Tag, key: &[u8]) -> Result<(Timestamp, String), kv::Error> {
    let mut reader = after_store(tag, key)?;
    let at = Timestamp::from_millis(reader.u64()?);
    Ok((at, reader.str()?))
}

/// The stamp that a key of `PLACE`, `FIRST` or `SENT` ends with.
pub(crate) fn last_stamp(key: &[u8]) -> Result<Stamp, kv::Error> {
    let stamp = key.last_chunk().copied().map(Stamp::from_bytes);
    stamp.ok_or_else(|| kv::Error::Corrupt("a key without a stamp".to_owned()))
}

/// A reader of what comes behind the store in a key.
pub(crate) fn after_store(tag: Tag, key: &[u8]) -> Result<KeyReader<'_>, kv::Error> {
    let mut reader = KeyReader::new(tag, key)?;
    // Account, region and name, then the store's id.
    for _ in 0..3 {
        reader.str()?;
    }
    reader.fixed16()?;
    Ok(reader)
}

/// Every range that a store has, for the job that clears it.
pub(crate) fn everything(store: &StoreId) -> [Range; 14] {
    [
        BODY, READY, HIDDEN, FLIGHT, TOTAL, CURSOR, GROUP, PLACE, TICKET, LOCKED, DELAYED, FIRST,
        SENT, ATTEMPT,
    ]
    .map(|tag| all(store, tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_layout_is_what_it_always_was() {
        let (account, region) = ("000000000000".parse().unwrap(), "eu-1".parse().unwrap());
        assert_eq!(queue(&account, &region, "a")[..2], [0x01, 0x20]);
        let store = StoreId { account, region, name: "a".to_owned(), id: [7; 16] };
        let owner = b"000000000000\0\0eu-1\0\0a\0\0";
        let head = |tag: [u8; 2]| [&tag[..], owner, &[7; 16]].concat();
        assert_eq!(ready(&store)[..], head([0x01, 0x22]));
        let at = Timestamp::from_millis(258);
        let expected = [&head([0x01, 0x23])[..], &[0, 0, 0, 0, 0, 0, 1, 2], &[9; 16]].concat();
        assert_eq!(hidden(&store, at, &[9; 16])[..], expected);
        let expected = [&head([0x01, 0x28])[..], b"g\0\0", &[0, 0, 0, 0, 0, 0, 1, 2]].concat();
        assert_eq!(places(&store, "g", 258)[..], expected);
        let expected = [&head([0x01, 0x2a])[..], &[0, 0, 0, 0, 0, 0, 1, 2], b"g\0\0"].concat();
        assert_eq!(locked(&store, at, "g")[..], expected);
        assert_eq!(read_timed_group(LOCKED, &expected).unwrap(), (at, "g".to_owned()));
        let expected = [&head([0x01, 0x2c])[..], &[9; 32]].concat();
        assert_eq!(firsts(&store, &[9; 32])[..], expected);
    }

    #[test]
    fn names_with_a_prefix_lie_in_its_range() {
        let (account, region) = ("000000000000".parse().unwrap(), "eu-1".parse().unwrap());
        let range = queues(&account, &region, "ab");
        assert!(range.contains(&queue(&account, &region, "abc")));
        assert!(!range.contains(&queue(&account, &region, "b")));
    }
}
