//! Stored records, and the rules of queues as functions on a transaction.

mod attributes;
mod batch;
mod handle;
mod message;
mod page;
mod permissions;
mod queue;
mod receive;
mod send;
mod settle;

pub(crate) use attributes::{changes, check_tags, describe, difference};
pub(crate) use batch::{BatchOutput, check_entries};
pub(crate) use handle::Handle;
pub(crate) use message::{
    AttributeValue, Message, Selection, attributes_md5, sender, trace_header,
};
pub(crate) use page::{page_size, read_token, token};
pub(crate) use permissions::{PolicyStatement, without_statement};
pub(crate) use queue::{Name, Queue, at_url, find, list, permission, save};
pub(crate) use receive::{Promotions, Received, Wanted, next_visible, receive};
pub(crate) use send::{NewMessage, Sent, send};
pub(crate) use settle::{Changed, change_visibility, delete};

use kv::Record;
use serde::{Deserialize, Serialize};
use types::Timestamp;

/// A message that is ready to be received, in the order of the stamps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The message's id.
    pub(crate) id: crate::keys::Id,
    /// How often it was received before.
    pub(crate) receives: u32,
    /// When it was first received.
    pub(crate) first_received: Option<Timestamp>,
}

impl Record for Place {
    const VERSION: u8 = 1;
}

/// A message that is hidden: in flight or delayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flight {
    /// Until when.
    pub(crate) visible_at: Timestamp,
    /// How often it was received.
    pub(crate) receives: u32,
    /// When it was first received.
    pub(crate) first_received: Option<Timestamp>,
    /// What the receipt handle of the latest receive carries.
    pub(crate) receipt: u64,
}

impl Record for Flight {
    const VERSION: u8 = 1;
}
