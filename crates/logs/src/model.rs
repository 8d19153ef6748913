//! Stored records, and the rules of logs as functions on a transaction.

mod append;
mod group;
mod position;
mod read;
mod record;
mod search;
mod stream;

pub(crate) use append::{Append, NewEvent, append};
pub(crate) use group::{
    Group, create_group, find_group, get_group, group_arn, group_resource, merge_tags,
};
pub(crate) use position::Position;
pub(crate) use read::{Page, Window, backward, forward};
pub(crate) use record::{Event, Record};
pub(crate) use search::{Place, Search, Streams, search};
pub(crate) use stream::{Stream, create_stream, find_stream, get_stream, stream_resource};

use crate::Error;

/// A token that carries a text.
pub(crate) fn encode_token(text: &str) -> String {
    hex::encode(text)
}

/// The text of a token.
///
/// # Errors
/// It is no such token.
pub(crate) fn decode_token(token: &str) -> Result<String, Error> {
    let text = hex::decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(invalid_token)
}

pub(crate) fn invalid_token() -> Error {
    Error::invalid("The specified nextToken is invalid.")
}
