//! What IAM keeps in the store, for checks and backups.

use crate::{
    keys::{
        ACCESS_KEY, ATTACHED, COUNT, POLICY, POLICY_EPOCH, ROLE, ROOT_KEY, USER, USER_KEY,
        access_key, named, user_key,
    },
    model::{AccessKey, KeyOwner, Kind, Policy, Role, User},
};
use kv::{Error, KeyReader, Value};
use service::Records;
use types::AccountId;

/// What lies under each of its key tags.
#[must_use]
pub fn records() -> Vec<Records> {
    vec![
        Records::of::<AccessKey>(ACCESS_KEY, "access key", |_, key, inspection| {
            if let KeyOwner::User(user) = &key.owner {
                inspection.requires(named(USER, &key.account, user));
                inspection.requires_value(user_key(&key.account, user, &key.id), Value::new());
            }
            Ok(())
        }),
        Records::plain::<User>(USER, "user"),
        Records::plain::<Role>(ROLE, "role"),
        Records::plain::<Policy>(POLICY, "policy"),
        Records::new(USER_KEY, "index of access keys", |entry, inspection| {
            let mut key = KeyReader::new(USER_KEY, &entry.key)?;
            let (_, _) = (key.str()?, key.str()?);
            inspection.requires(access_key(&key.str()?));
            Ok(())
        }),
        Records::new(ATTACHED, "index of attached policies", |entry, inspection| {
            let mut key = KeyReader::new(ATTACHED, &entry.key)?;
            let account = account(&key.str()?)?;
            inspection.requires(named(POLICY, &account, &key.str()?));
            let (_, kind) = (key.u8()?, key.u8()?);
            let tag = if kind == Kind::Role as u8 { ROLE } else { USER };
            inspection.requires(named(tag, &account, &key.str()?));
            Ok(())
        }),
        Records::bytes(POLICY_EPOCH, "epoch of policies"),
        Records::numbers(COUNT, "count of entities"),
        Records::new(ROOT_KEY, "index of the root key", |entry, inspection| {
            inspection.requires(access_key(&String::from_utf8_lossy(&entry.value)));
            Ok(())
        }),
    ]
}

fn account(text: &str) -> Result<AccountId, Error> {
    text.parse().map_err(|_| Error::Corrupt("an account".to_owned()))
}
