//! Stored records, and the rules of queues as functions on a transaction.

mod attributes;
mod batch;
mod bodies;
mod counts;
mod dead_letter;
mod encryption;
mod fifo;
mod handle;
mod hidden;
mod in_flight;
mod message;
mod page;
mod permissions;
mod queue;
mod receive;
mod send;
mod settle;
mod timeline;

pub(crate) use attributes::{changes, check_tags, check_type, describe, difference};
pub(crate) use batch::{BatchOutput, EntryDone, check_entries};
pub(crate) use bodies::Bodies;
pub(crate) use encryption::Encryption;
pub(crate) use fifo::{Attempted, First, Group, Progress, Sequence, State, expire as expire_fifo};
pub(crate) use handle::Handle;
pub(crate) use hidden::{expire as expire_hidden, next_visible};
pub(crate) use in_flight::InFlight;
pub(crate) use message::{
    AttributeValue, AttributeValues, Message, Selection, attributes_md5, check_fifo_id, sender,
    size,
};
pub(crate) use page::{page_size, read_token, token};
pub(crate) use permissions::{PolicyStatement, without_statement};
pub(crate) use queue::{Name, Queue, at_url, find, list, permission, save};
pub(crate) use receive::{Promotions, Received, Taken, Wanted, expire_ready, receive};
pub(crate) use send::{NewMessage, Sending, Sent, check_fifo_ids, send};
pub(crate) use settle::{change_visibility, delete, finish, hold};

use kv::Record;
use serde::{Deserialize, Serialize};
use types::Timestamp;

/// What a message is known by while it waits, so that nobody need read it to pass it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The message's id.
    pub(crate) id: crate::keys::Id,
    /// When it was sent.
    pub(crate) sent: Timestamp,
    /// How often it was received.
    pub(crate) receives: u32,
    /// When it was first received.
    pub(crate) first_received: Option<Timestamp>,
}

impl Place {
    /// True if the queue keeps it no longer.
    fn has_expired(&self, queue: &Queue, now: Timestamp) -> bool {
        now.since(self.sent).as_secs() >= queue.retention_seconds.into()
    }
}

impl Record for Place {
    const VERSION: u8 = 1;
}

/// A message that is hidden: in flight or delayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flight {
    /// Which one.
    pub(crate) place: Place,
    /// Since when.
    pub(crate) hidden_at: Timestamp,
    /// Until when.
    pub(crate) visible_at: Timestamp,
    /// What the receipt handle of the latest receive carries.
    pub(crate) receipt: u64,
}

impl Record for Flight {
    const VERSION: u8 = 1;
}
