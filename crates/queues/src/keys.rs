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
//! | `CURSOR` | store, 0 ready or 1 hidden | the lowest key that a receiver must look at |
//!
//! `store` is account, region, name and 16 random bytes: a [`StoreId`]. A purge gives the queue new
//! ones, so it is done at once whatever the queue holds.

use kv::{Key, KeyBuilder, Range, Tag};
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

/// 16 random bytes: a message's id.
pub(crate) type Id = [u8; 16];

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
    of_queue(READY, account, region, name).build()
}

pub(crate) fn hidden(store: &StoreId, visible_at: Timestamp, message: &Id) -> Key {
    hidden_from(store, visible_at).fixed16(message).build()
}

pub(crate) fn hidden_from(store: &StoreId, visible_at: Timestamp) -> KeyBuilder {
    store.key(HIDDEN).u64(visible_at.as_millis())
}

pub(crate) fn all_hidden(store: &StoreId) -> Range {
    store.key(HIDDEN).range()
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

pub(crate) fn hidden_cursor(store: &StoreId) -> Key {
    store.key(CURSOR).u8(1).build()
}

/// Every range that a store has, for the job that clears it.
pub(crate) fn everything(store: &StoreId) -> [Range; 6] {
    [BODY, READY, HIDDEN, FLIGHT, TOTAL, CURSOR].map(|tag| store.key(tag).range())
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
    }

    #[test]
    fn names_with_a_prefix_lie_in_its_range() {
        let (account, region) = ("000000000000".parse().unwrap(), "eu-1".parse().unwrap());
        let range = queues(&account, &region, "ab");
        assert!(range.contains(&queue(&account, &region, "abc")));
        assert!(!range.contains(&queue(&account, &region, "b")));
    }
}
