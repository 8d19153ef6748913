//! The root user's access key, made at first start.

use crate::{Error, Iam, keys, model};
use kv::{Store, Transaction};
use service::{Fault, Transact, transact};
use types::Secret;

/// The access key of the account's root user.
#[derive(Debug, Clone)]
pub struct RootKey {
    /// `AKIA...`
    pub access_key_id: String,
    /// Its secret.
    pub secret: Secret,
}

impl Iam {
    /// The root user's access key: the one in the store, or a new one at first start. Any number of
    /// nodes may ask at once; all get the same.
    ///
    /// # Errors
    /// The store's; or the master key is another than the one the secret was encrypted under.
    pub async fn ensure_root_key(&self, store: &Store) -> Result<RootKey, Fault> {
        transact(store, &EnsureRootKey(self)).await
    }
}

struct EnsureRootKey<'a>(&'a Iam);

impl Transact for EnsureRootKey<'_> {
    type Output = RootKey;

    async fn run(&self, tx: &mut Transaction) -> Result<RootKey, Fault> {
        let Self(iam) = self;
        let owner = model::KeyOwner::Root;
        let found = model::keys_of(tx, &iam.account, &owner).await?;
        if let Some(key) = found.into_iter().next() {
            let secret = key.secret(&iam.master)?;
            return Ok(RootKey { access_key_id: key.id, secret });
        }
        let now = iam.clock.now();
        let (key, secret) = model::new_key(&iam.ids, &iam.master, &iam.account, owner, now)?;
        model::save_key(tx, &key).map_err(Error::from)?;
        let id = kv::Value::copy_from_slice(key.id.as_bytes());
        tx.put(keys::root_key(&iam.account), id)?;
        Ok(RootKey { access_key_id: key.id, secret })
    }
}
