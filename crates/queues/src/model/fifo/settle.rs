//! What happens to messages in flight.

use super::{Flight, Group, Lock, State, lock};
use crate::{
    Error,
    keys::{self, StoreId},
    model::{Handle, Queue, receive::forget},
};
use kv::{Stamp, Transaction};
use std::collections::BTreeMap;
use types::Timestamp;

/// A group that is locked.
pub(super) struct Locked {
    pub(super) name: String,
    pub(super) group: Group,
    lock: Lock,
}

/// A group that is locked, and which of its messages in flight the handle is of.
pub(super) struct Held {
    pub(super) locked: Locked,
    index: usize,
}

impl Locked {
    /// That its time is over does not end a lock: somebody must take the group or change the lock.
    async fn find(
        tx: &mut Transaction,
        store: &StoreId,
        name: &str,
    ) -> Result<Option<Self>, kv::Error> {
        let group: Option<Group> = tx.get_record(&keys::group(store, name)).await?;
        let Some(group) = group else { return Ok(None) };
        let State::Locked(lock) = group.state.clone() else { return Ok(None) };
        Ok(Some(Self { name: name.to_owned(), group, lock }))
    }

    fn position(&self, handle: &Handle) -> Option<usize> {
        let is_same = |one: &Flight| one.receipt == handle.receipt && one.id == handle.message;
        self.lock.flights.iter().position(is_same)
    }

    /// Deletes a message in flight. The lock is to be written then.
    fn remove(
        &mut self,
        tx: &mut Transaction,
        queue: &Queue,
        index: usize,
    ) -> Result<(), kv::Error> {
        let flight = self.lock.flights.remove(index);
        let places = keys::places(&queue.store, &self.name, self.group.life);
        tx.delete(Stamp::from_bytes(flight.stamp).in_key(&places, &[]))?;
        forget(tx, queue, &flight.id)
    }

    /// Writes the lock after changes. It loses all flights whose time is over, so whoever changes
    /// several of them writes it once.
    async fn write(
        self,
        tx: &mut Transaction,
        queue: &Queue,
        now: Timestamp,
    ) -> Result<(), kv::Error> {
        let Self { name, group, lock: Lock { until, flights } } = self;
        tx.delete(keys::locked(&queue.store, until, &name))?;
        lock(tx, queue, &name, group, flights, now).await
    }
}

impl Held {
    /// The flight of a receive, if it still goes on. That its time is over does not end it.
    pub(super) async fn find(
        tx: &mut Transaction,
        store: &StoreId,
        name: &str,
        receipt: u64,
    ) -> Result<Option<Self>, kv::Error> {
        let Some(locked) = Locked::find(tx, store, name).await? else { return Ok(None) };
        let index = locked.lock.flights.iter().position(|flight| flight.receipt == receipt);
        Ok(index.map(|index| Self { locked, index }))
    }

    async fn of_handle(
        tx: &mut Transaction,
        queue: &Queue,
        handle: &Handle,
    ) -> Result<Option<Self>, kv::Error> {
        let name = handle.group.as_deref().unwrap_or_default();
        let Some(locked) = Locked::find(tx, &queue.store, name).await? else { return Ok(None) };
        Ok(locked.position(handle).map(|index| Self { locked, index }))
    }

    pub(super) fn flight(&self) -> &Flight {
        &self.locked.lock.flights[self.index]
    }

    pub(super) async fn hide_until(
        mut self,
        tx: &mut Transaction,
        queue: &Queue,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), kv::Error> {
        self.locked.lock.flights[self.index].visible_at = until;
        self.locked.write(tx, queue, now).await
    }

    async fn remove(
        mut self,
        tx: &mut Transaction,
        queue: &Queue,
        now: Timestamp,
    ) -> Result<(), kv::Error> {
        self.locked.remove(tx, queue, self.index)?;
        self.locked.write(tx, queue, now).await
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

/// Deletes received messages, those excepted that others have received again.
pub(crate) async fn finish(
    tx: &mut Transaction,
    queue: &Queue,
    receipt_handles: &[String],
    now: Timestamp,
) -> Result<(), Error> {
    for (name, handles) in by_group(queue, receipt_handles)? {
        let Some(mut locked) = Locked::find(tx, &queue.store, &name).await? else { continue };
        let before = locked.lock.flights.len();
        for handle in &handles {
            if let Some(index) = locked.position(handle) {
                locked.remove(tx, queue, index)?;
            }
        }
        if locked.lock.flights.len() < before {
            locked.write(tx, queue, now).await?;
        }
    }
    Ok(())
}

/// Hides messages in flight until `until` at least, those excepted that others have received again.
pub(crate) async fn hold(
    tx: &mut Transaction,
    queue: &Queue,
    receipt_handles: &[String],
    until: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    for (name, handles) in by_group(queue, receipt_handles)? {
        let Some(mut locked) = Locked::find(tx, &queue.store, &name).await? else { continue };
        let mut is_changed = false;
        for index in handles.iter().filter_map(|handle| locked.position(handle)).collect::<Vec<_>>()
        {
            let flight = &mut locked.lock.flights[index];
            is_changed |= flight.visible_at < until;
            flight.visible_at = flight.visible_at.max(until);
        }
        if is_changed {
            locked.write(tx, queue, now).await?;
        }
    }
    Ok(())
}

fn by_group(
    queue: &Queue,
    receipt_handles: &[String],
) -> Result<BTreeMap<String, Vec<Handle>>, Error> {
    let mut groups = BTreeMap::<String, Vec<Handle>>::new();
    for text in receipt_handles {
        let handle = Handle::of(queue, text)?;
        groups.entry(handle.group.clone().unwrap_or_default()).or_default().push(handle);
    }
    Ok(groups)
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
