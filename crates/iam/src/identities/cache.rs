//! What a request would otherwise decode, decrypt or compile every time. Each entry is good for
//! exactly the stored bytes that it was made of, which the transaction reads.

use super::{OpenKey, SessionToken, principals::Ready};
use crate::{Error, config};
use kv::Value;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The caches of a node.
#[derive(Default)]
pub(crate) struct Caches {
    /// By access key id, of the stored key.
    pub(crate) keys: Cache<Value, OpenKey>,
    /// By the key of the user or role, of its record and the policies' epoch.
    pub(crate) principals: Cache<(Value, Option<Value>), Ready>,
    /// By token; a token never changes.
    pub(crate) sessions: Cache<(), SessionToken>,
}

/// Values by name, each with what it was made of. It starts anew when it is full, which bounds it.
pub(crate) struct Cache<S, V>(Mutex<Entries<S, V>>);

/// By name: what a value was made of, and the value.
type Entries<S, V> = HashMap<Vec<u8>, (S, Arc<V>)>;

impl<S, V> Default for Cache<S, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<S: Clone + PartialEq, V> Cache<S, V> {
    /// The value made of `source`, if it is there.
    pub(crate) fn get(&self, name: impl AsRef<[u8]>, source: &S) -> Option<Arc<V>> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (made_of, value) = entries.get(name.as_ref())?;
        (made_of == source).then(|| value.clone())
    }

    pub(crate) fn put(&self, name: impl AsRef<[u8]>, source: S, value: V) -> Arc<V> {
        let value = Arc::new(value);
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= config::CACHED {
            entries.clear();
        }
        entries.insert(name.as_ref().to_vec(), (source, value.clone()));
        value
    }

    /// The value made of `source`, made now if it is not there.
    pub(crate) fn get_or_make(
        &self,
        name: impl AsRef<[u8]>,
        source: &S,
        make: impl FnOnce() -> Result<V, Error>,
    ) -> Result<Arc<V>, Error> {
        match self.get(&name, source) {
            Some(value) => Ok(value),
            None => Ok(self.put(name, source.clone(), make()?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_only_for_what_it_was_made_of() {
        let cache = Cache::<u8, u8>::default();
        cache.put("a", 1, 10);
        assert_eq!(cache.get("a", &1).as_deref(), Some(&10));
        assert_eq!(cache.get("a", &2), None);
        assert_eq!(cache.get("b", &1), None);
    }

    #[test]
    fn a_cache_stays_within_its_bound() {
        let cache = Cache::<(), usize>::default();
        for number in 0..=config::CACHED {
            cache.put(number.to_le_bytes(), (), number);
        }
        assert_eq!(cache.0.lock().unwrap().len(), 1);
    }
}
