//! What all batch operations share.

use crate::{Error, config};
use serde::Serialize;
use std::collections::HashSet;

/// The answer of a batch operation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchOutput<T> {
    pub(crate) successful: Vec<T>,
    pub(crate) failed: Vec<BatchError>,
}

impl<T> BatchOutput<T> {
    pub(crate) fn new() -> Self {
        Self { successful: Vec::new(), failed: Vec::new() }
    }

    /// Notes how one entry went. A failing store fails the whole batch.
    pub(crate) fn push(&mut self, id: &str, result: Result<T, Error>) -> Result<(), Error> {
        match result {
            Ok(entry) => self.successful.push(entry),
            Err(Error::Store(error)) => return Err(error.into()),
            Err(error) => self.failed.push(BatchError {
                id: id.to_owned(),
                sender_fault: true,
                code: error.code(),
                message: error.to_string(),
            }),
        }
        Ok(())
    }
}

/// An entry that was done, where there is nothing more to tell.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EntryDone {
    id: String,
}

impl EntryDone {
    pub(crate) fn new(id: &str) -> Self {
        Self { id: id.to_owned() }
    }
}

/// An entry that failed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchError {
    id: String,
    sender_fault: bool,
    code: &'static str,
    message: String,
}

/// Checks number and ids of a batch's entries; `kind` names the entry type for the text.
pub(crate) fn check_entries<'a>(
    kind: &'static str,
    ids: impl ExactSizeIterator<Item = &'a str>,
) -> Result<(), Error> {
    match ids.len() {
        0 => return Err(Error::EmptyBatchRequest(kind)),
        n if n > config::BATCH_ENTRIES => return Err(Error::TooManyEntriesInBatchRequest(n)),
        _ => {}
    }
    let mut seen = HashSet::new();
    for id in ids {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if id.is_empty() || id.len() > config::BATCH_ENTRY_ID_CHARS || !id.chars().all(allowed) {
            return Err(Error::InvalidBatchEntryId);
        }
        if !seen.insert(id) {
            return Err(Error::BatchEntryIdsNotDistinct(id.to_owned()));
        }
    }
    Ok(())
}
