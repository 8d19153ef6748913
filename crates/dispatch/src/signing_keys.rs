use sigv4::{Presented, SigningKey};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use types::Secret;

/// Derived signing keys, so that a request costs one HMAC and not five. A key is good for one day;
/// the cache starts anew when it is full, which bounds it and forgets yesterday.
#[derive(Default)]
pub(crate) struct SigningKeys(Mutex<HashMap<Slot, Cached>>);

/// Access key, day, region, service.
type Slot = (String, String, String, String);

struct Cached {
    /// The secret that it was derived from: another one under the same id is another key.
    secret: Secret,
    key: Arc<SigningKey>,
}

const MAX_KEYS: usize = 4096;

impl SigningKeys {
    pub(crate) fn get(&self, presented: &Presented, secret: &Secret) -> Arc<SigningKey> {
        let (day, region, service) = (presented.date(), presented.region(), presented.service());
        let slot = (
            presented.access_key_id().to_owned(),
            day.to_owned(),
            region.to_owned(),
            service.to_owned(),
        );
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cached) = keys.get(&slot).filter(|cached| cached.secret == *secret) {
            return cached.key.clone();
        }
        let key = Arc::new(SigningKey::derive(secret, day, region, service));
        if keys.len() >= MAX_KEYS {
            keys.clear();
        }
        keys.insert(slot, Cached { secret: secret.clone(), key: key.clone() });
        key
    }
}
