//! What happens to a message in flight: it is deleted, or its time changes.

use super::{Flight, Handle, Place, Queue, send::IN_FLIGHT};
use crate::{Error, config, keys};
use kv::Transaction;
use std::time::Duration;
use types::Timestamp;

/// Deletes a received message. A message that is gone or was received again stays as it is.
pub(crate) async fn delete(
    tx: &mut Transaction,
    queue: &Queue,
    handle: &Handle,
) -> Result<(), Error> {
    let Some(flight) = flight(tx, queue, handle).await? else { return Ok(()) };
    let (store, id) = (&queue.store, &handle.message);
    tx.delete(keys::body(store, id))?;
    tx.delete(keys::flight(store, id))?;
    tx.delete(keys::hidden(store, flight.visible_at, id))?;
    tx.add(keys::total(store), -1)?;
    Ok(())
}

/// Whether the time was changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    Yes,
    /// It is not in flight any more.
    NotInFlight,
}

/// Hides a received message for `seconds` from now; zero makes it ready at once.
pub(crate) async fn change_visibility(
    tx: &mut Transaction,
    queue: &Queue,
    handle: &Handle,
    seconds: u32,
    now: Timestamp,
) -> Result<Changed, Error> {
    if !config::VISIBILITY_SECONDS.contains(&seconds) {
        return Err(Error::InvalidParameterValue(format!(
            "Value {seconds} for parameter VisibilityTimeout is invalid. Reason: \
             VisibilityTimeout must be an integer between 0 and 43200."
        )));
    }
    let flight = flight(tx, queue, handle).await?;
    let Some(mut flight) = flight.filter(|flight| flight.visible_at > now) else {
        return Ok(Changed::NotInFlight);
    };
    let (store, id) = (&queue.store, &handle.message);
    tx.delete(keys::hidden(store, flight.visible_at, id))?;
    if seconds == 0 {
        let Flight { receives, first_received, .. } = flight;
        let place = Place { id: *id, receives, first_received };
        tx.delete(keys::flight(store, id))?;
        tx.put_versionstamped(keys::ready(store), &[], kv::encode_record(&place))?;
        return Ok(Changed::Yes);
    }
    flight.visible_at = now + Duration::from_secs(seconds.into());
    tx.put(keys::hidden(store, flight.visible_at, id), IN_FLIGHT)?;
    tx.put_record(keys::flight(store, id), &flight)?;
    Ok(Changed::Yes)
}

/// The flight that the handle was given for, if it still goes on.
async fn flight(
    tx: &mut Transaction,
    queue: &Queue,
    handle: &Handle,
) -> Result<Option<Flight>, Error> {
    if handle.store != queue.store.id {
        return Err(Error::ReceiptHandleIsInvalid);
    }
    let flight: Option<Flight> =
        tx.get_record(&keys::flight(&queue.store, &handle.message)).await?;
    Ok(flight.filter(|flight| flight.receipt == handle.receipt))
}
