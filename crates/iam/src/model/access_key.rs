use crate::seal::MasterKey;
use crate::{Error, keys};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use clock::Ids;
use kv::{Record, Scan, Transaction};
use serde::{Deserialize, Serialize};
use types::{AccountId, Secret, Timestamp};

/// An access key, without its secret in the clear.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    pub(crate) account: AccountId,
    pub(crate) owner: KeyOwner,
    pub(crate) active: bool,
    pub(crate) created: Timestamp,
    /// The secret under the master key, as base64.
    sealed: String,
}

/// Whose key it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum KeyOwner {
    /// The account's root user.
    Root,
    /// A user, by name.
    User(String),
}

impl Record for AccessKey {
    const VERSION: u8 = 1;
}

/// The letters of secrets.
const SECRET_LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A secret of 40 characters.
pub(crate) fn new_secret(ids: &Ids) -> Secret {
    Secret::new(ids.text(40, SECRET_LETTERS))
}

/// Makes an access key.
pub(crate) fn new_key(
    ids: &Ids,
    master: &MasterKey,
    account: &AccountId,
    owner: KeyOwner,
    now: Timestamp,
) -> Result<(AccessKey, Secret), Error> {
    let id = format!("AKIA{}", ids.text(16, Ids::UPPER));
    let secret = new_secret(ids);
    let sealed = master.seal(ids.bytes(), &bound_to(&id), secret.expose().as_bytes());
    let sealed = STANDARD_NO_PAD.encode(sealed);
    Ok((
        AccessKey { id, account: account.clone(), owner, active: true, created: now, sealed },
        secret,
    ))
}

fn bound_to(id: &str) -> String {
    format!("access key {id}")
}

impl AccessKey {
    /// The secret, which opens only with the master key under which it was made.
    pub(crate) fn secret(&self, master: &MasterKey) -> Result<Secret, Error> {
        let sealed = STANDARD_NO_PAD.decode(&self.sealed).ok();
        let plain = sealed.and_then(|sealed| master.open(&bound_to(&self.id), &sealed));
        let text = plain.and_then(|plain| String::from_utf8(plain).ok());
        text.map(Secret::new).ok_or_else(|| {
            Error::Damaged(format!(
                "the secret of {} does not open with this master key: the key file and the data \
                 folder do not belong together",
                self.id
            ))
        })
    }

    /// `Active` or `Inactive`.
    pub(crate) fn status(&self) -> &'static str {
        if self.active { "Active" } else { "Inactive" }
    }
}

/// Writes a key.
pub(crate) fn save_key(tx: &mut Transaction, key: &AccessKey) -> Result<(), kv::Error> {
    if let KeyOwner::User(user) = &key.owner {
        tx.put(keys::user_key(&key.account, user, &key.id), kv::Value::new())?;
    }
    tx.put_record(keys::access_key(&key.id), key)
}

/// Removes a key.
pub(crate) fn delete_key(tx: &mut Transaction, key: &AccessKey) -> Result<(), kv::Error> {
    if let KeyOwner::User(user) = &key.owner {
        tx.delete(keys::user_key(&key.account, user, &key.id))?;
    }
    tx.delete(keys::access_key(&key.id))
}

/// The key of an id, if it is this owner's.
pub(crate) async fn get_key(
    tx: &mut Transaction,
    account: &AccountId,
    owner: &KeyOwner,
    id: &str,
) -> Result<AccessKey, Error> {
    let key: Option<AccessKey> = tx.get_record(&keys::access_key(id)).await?;
    let own = key.filter(|key| key.account == *account && key.owner.is(owner));
    own.ok_or_else(|| Error::NoSuchEntity(format!("The Access Key with id {id} cannot be found.")))
}

impl KeyOwner {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Root, Self::Root) => true,
            (Self::User(one), Self::User(two)) => one.eq_ignore_ascii_case(two),
            _ => false,
        }
    }
}

/// The keys of a user or of the root, in the order of their ids.
pub(crate) async fn keys_of(
    tx: &mut Transaction,
    account: &AccountId,
    owner: &KeyOwner,
) -> Result<Vec<AccessKey>, Error> {
    let mut found = Vec::new();
    match owner {
        KeyOwner::Root => {
            if let Some(id) = tx.get(&keys::root_key(account)).await? {
                let id = String::from_utf8_lossy(&id).into_owned();
                found.extend(tx.get_record(&keys::access_key(&id)).await?);
            }
        }
        KeyOwner::User(user) => {
            let limit = crate::config::ACCESS_KEYS_PER_USER + 1;
            let range = keys::user_keys(account, user);
            for entry in tx.scan(&range, Scan::first(limit)).await? {
                let id = key_id(&entry.key)?;
                found.extend(tx.get_record(&keys::access_key(&id)).await?);
            }
        }
    }
    Ok(found)
}

/// The id at the end of an entry under `USER_KEY`.
fn key_id(key: &[u8]) -> Result<String, kv::Error> {
    let mut reader = kv::KeyReader::new(keys::USER_KEY, key)?;
    let (_account, _user) = (reader.str()?, reader.str()?);
    reader.str()
}
