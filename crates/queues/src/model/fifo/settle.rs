//! What happens to messages in flight.

use super::{Flight, Group, Lock, State, lock};
use crate::{
    Error,
    keys::{self, StoreId},
    model::{Handle, Queue, receive::forget},
};
use kv::{Stamp, Transaction};
use types::Timestamp;

/// A group that is locked, and which of its messages in flight the handle is of.
pub(super) struct Held {
    pub(super) name: String,
    pub(super) group: Group,
    pub(super) lock: Lock,
    pub(super) index: usize,
}

impl Held {
    /// The flight of a receive, if it still goes on. That its time is over does not end it.
    pub(super) async fn find(
        tx: &mut Transaction,
        store: &StoreId,
        name: &str,
        receipt: u64,
    ) -> Result<Option<Self>, kv::Error> {
        let group: Option<Group> = tx.get_record(&keys::group(store, name)).await?;
        let Some(group) = group else { return Ok(None) };
        let State::Locked(lock) = group.state.clone() else { return Ok(None) };
        let index = lock.flights.iter().position(|flight| flight.receipt == receipt);
        Ok(index.map(|index| Self { name: name.to_owned(), group, lock, index }))
    }

    async fn of_handle(
        tx: &mut Transaction,
        queue: &Queue,
        handle: &Handle,
    ) -> Result<Option<Self>, kv::Error> {
        let name = handle.group.as_deref().unwrap_or_default();
        let held = Self::find(tx, &queue.store, name, handle.receipt).await?;
        Ok(held.filter(|held| held.flight().id == handle.message))
    }

    pub(super) fn flight(&self) -> &Flight {
        &self.lock.flights[self.index]
    }

    pub(super) async fn hide_until(
        mut self,
        tx: &mut Transaction,
        queue: &Queue,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), kv::Error> {
        self.lock.flights[self.index].visible_at = until;
        self.relock(tx, queue, now).await
    }

    async fn remove(
        mut self,
        tx: &mut Transaction,
        queue: &Queue,
        now: Timestamp,
    ) -> Result<(), kv::Error> {
        let flight = self.lock.flights.remove(self.index);
        let places = keys::places(&queue.store, &self.name, self.group.life);
        tx.delete(Stamp::from_bytes(flight.stamp).in_key(&places, &[]))?;
        forget(tx, queue, &flight.id)?;
        self.relock(tx, queue, now).await
    }

    async fn relock(
        self,
        tx: &mut Transaction,
        queue: &Queue,
        now: Timestamp,
    ) -> Result<(), kv::Error> {
        let Self { name, group, lock: Lock { until, flights }, .. } = self;
        tx.delete(keys::locked(&queue.store, until, &name))?;
        lock(tx, queue, &name, group, flights, now).await
    }
}

/// Deletes a received message. One that is gone stays so.
///
/// # Errors
/// It is visible again, or was received again.
pub(crate) async fn delete(
    tx: &mut Transaction,
    queue: &Queue,
    receipt_handle: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let handle = Handle::of(queue, receipt_handle)?;
    match Held::of_handle(tx, queue, &handle).await? {
        Some(held) if held.flight().visible_at > now => Ok(held.remove(tx, queue, now).await?),
        None if tx.get(&keys::body(&queue.store, &handle.message)).await?.is_none() => Ok(()),
        _ => Err(Error::HandleExpired(receipt_handle.to_owned())),
    }
}

/// Deletes a received message that nobody has received again.
pub(crate) async fn finish(
    tx: &mut Transaction,
    queue: &Queue,
    receipt_handle: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let handle = Handle::of(queue, receipt_handle)?;
    match Held::of_handle(tx, queue, &handle).await? {
        Some(held) => Ok(held.remove(tx, queue, now).await?),
        None => Ok(()),
    }
}

/// Since when and until when a message in flight is hidden.
pub(crate) async fn times(
    tx: &mut Transaction,
    queue: &Queue,
    receipt_handle: &str,
) -> Result<Option<(Timestamp, Timestamp)>, Error> {
    let handle = Handle::of(queue, receipt_handle)?;
    let held = Held::of_handle(tx, queue, &handle).await?;
    Ok(held.map(|held| (held.flight().hidden_at, held.flight().visible_at)))
}

/// Hides a message in flight until `until`.
pub(crate) async fn hide_until(
    tx: &mut Transaction,
    queue: &Queue,
    receipt_handle: &str,
    until: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    let handle = Handle::of(queue, receipt_handle)?;
    match Held::of_handle(tx, queue, &handle).await? {
        Some(held) => Ok(held.hide_until(tx, queue, until, now).await?),
        None => Ok(()),
    }
}
