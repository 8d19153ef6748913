//! Where everything lies.
//!
//! | tag | key | value |
//! |---|---|---|
//! | `QUEUE` | account, region, name | [`Queue`](crate::model::Queue) |
//! | `BODY` | store, message id | [`Message`](crate::model::Message) |
//! | `READY` | store, versionstamp | [`Place`](crate::model::Place) |
//! | `HIDDEN` | store, visible at (ms), message id | 1 byte: is it delayed |
//! | `FLIGHT` | store, message id | [`Flight`](crate::model::Flight) |
//! | `TOTAL` | store | count of messages, by atomic adds |
//! | `CURSOR` | store, 0 ready or 1 hidden | the lowest key that a receiver must look at |
//!
//! `store` are the 16 random bytes of [`Queue::store`](crate::model::Queue::store). A purge gives
//! the queue new ones, so it is done at once whatever the queue holds.

use kv::{Key, KeyBuilder, Range, Tag};
use service::tag;
use types::{AccountId, Region, Timestamp};

pub(crate) const QUEUE: Tag = Tag(tag::QUEUES);
pub(crate) const BODY: Tag = Tag(tag::QUEUES + 1);
pub(crate) const READY: Tag = Tag(tag::QUEUES + 2);
pub(crate) const HIDDEN: Tag = Tag(tag::QUEUES + 3);
pub(crate) const FLIGHT: Tag = Tag(tag::QUEUES + 4);
pub(crate) const TOTAL: Tag = Tag(tag::QUEUES + 5);
pub(crate) const CURSOR: Tag = Tag(tag::QUEUES + 6);

/// 16 random bytes: of a queue's store, or a message's id.
pub(crate) type Id = [u8; 16];

pub(crate) fn queue(account: &AccountId, region: &Region, name: &str) -> Key {
    KeyBuilder::new(QUEUE).str(account.as_str()).str(region.as_str()).str(name).build()
}

/// All queues whose names begin with `prefix`.
pub(crate) fn queues(account: &AccountId, region: &Region, prefix: &str) -> Range {
    let key = KeyBuilder::new(QUEUE).str(account.as_str()).str(region.as_str());
    key.str_prefix(prefix).range()
}

pub(crate) fn body(store: &Id, message: &Id) -> Key {
    KeyBuilder::new(BODY).fixed16(store).fixed16(message).build()
}

/// Everything ready; also the prefix of new versionstamped keys.
pub(crate) fn ready(store: &Id) -> Key {
    KeyBuilder::new(READY).fixed16(store).build()
}

pub(crate) fn hidden(store: &Id, visible_at: Timestamp, message: &Id) -> Key {
    hidden_from(store, visible_at).fixed16(message).build()
}

pub(crate) fn hidden_from(store: &Id, visible_at: Timestamp) -> KeyBuilder {
    KeyBuilder::new(HIDDEN).fixed16(store).u64(visible_at.as_millis())
}

pub(crate) fn all_hidden(store: &Id) -> Range {
    KeyBuilder::new(HIDDEN).fixed16(store).range()
}

pub(crate) fn flight(store: &Id, message: &Id) -> Key {
    KeyBuilder::new(FLIGHT).fixed16(store).fixed16(message).build()
}

pub(crate) fn total(store: &Id) -> Key {
    KeyBuilder::new(TOTAL).fixed16(store).build()
}

pub(crate) fn ready_cursor(store: &Id) -> Key {
    KeyBuilder::new(CURSOR).fixed16(store).u8(0).build()
}

pub(crate) fn hidden_cursor(store: &Id) -> Key {
    KeyBuilder::new(CURSOR).fixed16(store).u8(1).build()
}

/// Every range that a store has, for the job that clears it.
pub(crate) fn everything(store: &Id) -> [Range; 6] {
    [BODY, READY, HIDDEN, FLIGHT, TOTAL, CURSOR]
        .map(|tag| KeyBuilder::new(tag).fixed16(store).range())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_layout_is_what_it_always_was() {
        let (account, region) = ("000000000000".parse().unwrap(), "eu-1".parse().unwrap());
        let id = [7; 16];
        assert_eq!(&queue(&account, &region, "a")[..2], &[0x01, 0x20]);
        assert_eq!(ready(&id)[..], [&[0x01, 0x22][..], &id].concat());
        let at = Timestamp::from_millis(258);
        let expected = [&[0x01, 0x23][..], &id, &[0, 0, 0, 0, 0, 0, 1, 2], &[9; 16]].concat();
        assert_eq!(hidden(&id, at, &[9; 16])[..], expected);
    }

    #[test]
    fn names_with_a_prefix_lie_in_its_range() {
        let (account, region) = ("000000000000".parse().unwrap(), "eu-1".parse().unwrap());
        let range = queues(&account, &region, "ab");
        assert!(range.contains(&queue(&account, &region, "abc")));
        assert!(!range.contains(&queue(&account, &region, "b")));
    }
}
