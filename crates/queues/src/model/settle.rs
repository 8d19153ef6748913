//! What happens to a message in flight: it is deleted, or its time changes.

use super::{Flight, Handle, Queue, hidden, receive::forget};
use crate::{Error, config, keys};
use kv::Transaction;
use std::time::Duration;
use types::Timestamp;

/// Deletes a received message. A message that is gone or was received again stays as it is.
pub(crate) async fn delete(
    tx: &mut Transaction,
    queue: &Queue,
    receipt_handle: &str,
) -> Result<(), Error> {
    let Some(flight) = flight(tx, queue, receipt_handle).await? else { return Ok(()) };
    hidden::unhide(tx, &queue.store, &flight)?;
    Ok(forget(tx, queue, &flight.place.id)?)
}

/// Hides a received message for `seconds` from now; zero makes it ready at once.
pub(crate) async fn change_visibility(
    tx: &mut Transaction,
    queue: &Queue,
    receipt_handle: &str,
    seconds: u32,
    now: Timestamp,
) -> Result<(), Error> {
    let invalid = |reason: &str| {
        Err(Error::InvalidParameterValue(format!(
            "Value {seconds} for parameter VisibilityTimeout is invalid. Reason: {reason}"
        )))
    };
    if !config::VISIBILITY_SECONDS.contains(&seconds) {
        return invalid("VisibilityTimeout must be an integer between 0 and 43200.");
    }
    let Some(before) = flight(tx, queue, receipt_handle).await? else {
        return Err(Error::MessageGone(receipt_handle.to_owned()));
    };
    if before.visible_at <= now {
        return Err(Error::MessageNotInflight(receipt_handle.to_owned()));
    }
    let visible_at = now + Duration::from_secs(seconds.into());
    if visible_at.since(before.hidden_at).as_secs() > (*config::VISIBILITY_SECONDS.end()).into() {
        return invalid(
            "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]",
        );
    }
    let store = &queue.store;
    hidden::unhide(tx, store, &before)?;
    if seconds == 0 {
        let place = kv::encode_record(&before.place);
        return Ok(tx.put_versionstamped(keys::ready(store), &[], place)?);
    }
    Ok(hidden::hide(tx, store, &Flight { visible_at, ..before }).await?)
}

/// Hides a received message until `until` at least. One that is gone or was received again stays as
/// it is.
pub(crate) async fn hold(
    tx: &mut Transaction,
    queue: &Queue,
    receipt_handle: &str,
    until: Timestamp,
) -> Result<(), Error> {
    match flight(tx, queue, receipt_handle).await? {
        Some(before) if before.visible_at < until => {
            hidden::unhide(tx, &queue.store, &before)?;
            let held = Flight { visible_at: until, ..before };
            Ok(hidden::hide(tx, &queue.store, &held).await?)
        }
        _ => Ok(()),
    }
}

/// The flight that the handle was given for, if it still goes on.
async fn flight(
    tx: &mut Transaction,
    queue: &Queue,
    receipt_handle: &str,
) -> Result<Option<Flight>, Error> {
    let handle = Handle::decode(receipt_handle)?;
    if handle.queue != queue.id {
        return Err(Error::ReceiptHandleIsInvalid);
    }
    let key = keys::flight(&queue.store, &handle.message);
    let flight: Option<Flight> = tx.get_record(&key).await?;
    Ok(flight.filter(|flight| flight.receipt == handle.receipt && flight.place.receives > 0))
}
