//! What happens to a message in flight: it is deleted, or its time changes.

use super::{Flight, Handle, Queue, fifo, hidden, receive::forget};
use crate::{Error, config, keys};
use kv::Transaction;
use std::time::Duration;
use types::Timestamp;

/// Deletes a received message. A message that is gone or was received again stays as it is.
///
/// # Errors
/// The message of a FIFO queue is visible again or was received again.
pub(crate) async fn delete(
    tx: &mut Transaction,
    queue: &Queue,
    receipt_handle: &str,
    now: Timestamp,
) -> Result<(), Error> {
    if queue.fifo.is_some() {
        return fifo::delete(tx, queue, receipt_handle, now).await;
    }
    remove(tx, queue, receipt_handle).await
}

/// Deletes received messages, also of a FIFO queue those that nobody has received again.
pub(crate) async fn finish(
    tx: &mut Transaction,
    queue: &Queue,
    receipt_handles: &[String],
    now: Timestamp,
) -> Result<(), Error> {
    if queue.fifo.is_some() {
        return fifo::finish(tx, queue, receipt_handles, now).await;
    }
    for receipt_handle in receipt_handles {
        remove(tx, queue, receipt_handle).await?;
    }
    Ok(())
}

/// Deletes a received message of a standard queue.
async fn remove(tx: &mut Transaction, queue: &Queue, receipt_handle: &str) -> Result<(), Error> {
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
    let found = match queue.fifo {
        Some(_) => fifo::times(tx, queue, receipt_handle).await?,
        None => flight(tx, queue, receipt_handle).await?.map(|f| (f.hidden_at, f.visible_at)),
    };
    let Some((hidden_at, visible_at)) = found else {
        return Err(Error::MessageGone(receipt_handle.to_owned()));
    };
    if visible_at <= now {
        return Err(Error::MessageNotInflight(receipt_handle.to_owned()));
    }
    let visible_at = now + Duration::from_secs(seconds.into());
    if visible_at.since(hidden_at).as_secs() > (*config::VISIBILITY_SECONDS.end()).into() {
        return invalid(
            "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]",
        );
    }
    if queue.fifo.is_some() {
        return fifo::hide_until(tx, queue, receipt_handle, visible_at, now).await;
    }
    let Some(before) = flight(tx, queue, receipt_handle).await? else { return Ok(()) };
    let store = &queue.store;
    hidden::unhide(tx, store, &before)?;
    if seconds == 0 {
        let place = kv::encode_record(&before.place);
        return Ok(tx.put_versionstamped(keys::ready(store), &[], place)?);
    }
    Ok(hidden::hide(tx, store, &Flight { visible_at, ..before }).await?)
}

/// Hides received messages until `until` at least. Those that are gone or were received again stay
/// as they are.
pub(crate) async fn hold(
    tx: &mut Transaction,
    queue: &Queue,
    receipt_handles: &[String],
    until: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    if queue.fifo.is_some() {
        return fifo::hold(tx, queue, receipt_handles, until, now).await;
    }
    for receipt_handle in receipt_handles {
        let flight = flight(tx, queue, receipt_handle).await?;
        if let Some(before) = flight.filter(|flight| flight.visible_at < until) {
            hidden::unhide(tx, &queue.store, &before)?;
            let held = Flight { visible_at: until, ..before };
            hidden::hide(tx, &queue.store, &held).await?;
        }
    }
    Ok(())
}

/// The flight that the handle was given for, if it still goes on.
async fn flight(
    tx: &mut Transaction,
    queue: &Queue,
    receipt_handle: &str,
) -> Result<Option<Flight>, Error> {
    let handle = Handle::of(queue, receipt_handle)?;
    let key = keys::flight(&queue.store, &handle.message);
    let flight: Option<Flight> = tx.get_record(&key).await?;
    Ok(flight.filter(|flight| flight.receipt == handle.receipt && flight.place.receives > 0))
}
