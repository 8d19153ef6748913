//! Where the records lie that this process works on.

use super::{Claim, Due, Settled};
use crate::config;
use kv::{Key, Range, Store, Transaction};
use service::{Fault, Platform, Transact, transact};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex as StdMutex, MutexGuard as StdMutexGuard, PoisonError},
};
use tokio::sync::{Mutex, MutexGuard};
use types::Timestamp;

/// Where a claimed record lies: at the end of its lease, which moves on while it is worked on.
#[derive(Clone)]
pub(crate) struct Place(Arc<Mutex<At>>);

/// Who holds this is the only one of this process who moves the record.
pub(crate) struct At {
    pub(crate) key: Key,
    /// Where it lies instead if a renewal of unknown outcome took effect.
    perhaps: Option<Key>,
}

impl Place {
    pub(crate) fn new(key: Key) -> Self {
        Self(Arc::new(Mutex::new(At { key, perhaps: None })))
    }

    pub(crate) async fn held(&self, store: &Store) -> MutexGuard<'_, At> {
        let mut at = self.0.lock().await;
        if let Some(perhaps) = at.perhaps.clone() {
            let mut tx = store.begin();
            match (tx.get(&at.key).await, tx.get(&perhaps).await) {
                (Ok(None), Ok(Some(_))) => *at = At { key: perhaps, perhaps: None },
                (Ok(_), Ok(_)) => at.perhaps = None,
                // The store cannot be read: what comes next will fail as well.
                _ => {}
            }
        }
        at
    }
}

/// Renews the lease of a claim until it is lost, and never ends: what is worked on is given to
/// another only when this process is gone, or could not reach the store for so long.
pub(super) async fn renew<D: Due>(platform: &Platform, kind: &D, place: Place) {
    let (clock, store) = (&platform.clock, &platform.store);
    loop {
        clock.sleep_until(clock.now() + config::RENEWAL).await;
        let mut at = place.held(store).await;
        if at.perhaps.is_some() {
            continue;
        }
        let to = moved(&kind.range(), &at.key, clock.now() + config::LEASE);
        match transact(store, &Renew { from: &at.key, to: &to }).await {
            Ok(Settled::Held) => at.key = to,
            // Not here: whoever waits for the place must not wait for ever.
            Ok(Settled::Lost) => break,
            Err(fault) => {
                tracing::warn!(%fault, "a lease was perhaps not renewed");
                at.perhaps = Some(to);
            }
        }
    }
    std::future::pending().await
}

/// A key of the range at another time.
fn moved(range: &Range, key: &Key, due: Timestamp) -> Key {
    [&range.start[..], &due.as_millis().to_be_bytes(), id_of(range, key)].concat().into()
}

/// What follows the time in a key.
pub(super) fn id_of<'k>(range: &Range, key: &'k Key) -> &'k [u8] {
    &key[range.start.len() + size_of::<u64>()..]
}

struct Renew<'a> {
    from: &'a Key,
    to: &'a Key,
}

impl Transact for Renew<'_> {
    type Output = Settled;

    async fn run(&self, tx: &mut Transaction) -> Result<Settled, Fault> {
        let Some(value) = tx.get(self.from).await? else { return Ok(Settled::Lost) };
        tx.delete(self.from.clone())?;
        tx.put(self.to.clone(), value)?;
        Ok(Settled::Held)
    }
}

/// The ids of the records that this process works on.
#[derive(Clone, Default)]
pub(super) struct Held(Arc<StdMutex<HashSet<Vec<u8>>>>);

/// One of them, as long as it is not dropped.
pub(super) struct Holding {
    held: Held,
    id: Vec<u8>,
}

impl Held {
    pub(super) async fn hold<R>(&self, range: &Range, claim: &Claim<R>) -> Holding {
        let id = id_of(range, &claim.place.0.lock().await.key).to_vec();
        self.ids().insert(id.clone());
        Holding { held: self.clone(), id }
    }

    pub(super) fn contains(&self, id: &[u8]) -> bool {
        self.ids().contains(id)
    }

    fn ids(&self) -> StdMutexGuard<'_, HashSet<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.held.ids().remove(&self.id);
    }
}
