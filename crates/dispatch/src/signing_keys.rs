use sigv4::{Presented, SigningKey};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use types::Secret;

/// Derived signing keys, so that a request costs one HMAC and not five. A key is good for one day;
/// the cache, by access key, starts anew when it is full, which bounds it and forgets yesterday.
#[derive(Default)]
pub(crate) struct SigningKeys(Mutex<HashMap<String, Vec<Cached>>>);

struct Cached {
    /// The scope that it was derived for.
    scope: String,
    /// The secret that it was derived from: another one under the same id is another key.
    secret: Secret,
    key: Arc<SigningKey>,
}

/// Access keys that are remembered.
const MAX_KEYS: usize = 4096;
/// Scopes that are remembered for each: services of a day.
const MAX_SCOPES: usize = 64;

impl SigningKeys {
    pub(crate) fn get(&self, presented: &Presented, secret: &Secret) -> Arc<SigningKey> {
        let (day, region, service) = (presented.date(), presented.region(), presented.service());
        let (id, scope) = (presented.access_key_id(), presented.scope());
        let fits = |cached: &&Cached| cached.scope == scope && cached.secret == *secret;
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cached) = keys.get(id).and_then(|scopes| scopes.iter().find(fits)) {
            return cached.key.clone();
        }
        let key = Arc::new(SigningKey::derive(secret, day, region, service));
        if keys.len() >= MAX_KEYS {
            keys.clear();
        }
        let scopes = keys.entry(id.to_owned()).or_default();
        if scopes.len() >= MAX_SCOPES {
            scopes.clear();
        }
        let cached = Cached { scope: scope.to_owned(), secret: secret.clone(), key: key.clone() };
        scopes.push(cached);
        key
    }
}
