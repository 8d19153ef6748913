use super::{Entity, Kind, Owner};
use crate::{config, keys};
use kv::Record;
use serde::{Deserialize, Serialize};

/// A user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct User(pub(crate) Entity);

impl Record for User {
    const VERSION: u8 = 1;
}

impl Owner for User {
    const KIND: Kind = Kind::User;
    const ID_PREFIX: &'static str = "AIDA";
    const QUOTA: i64 = config::USERS;
    const INLINE_CHARS: usize = config::USER_INLINE_CHARS;

    fn tag() -> kv::Tag {
        keys::USER
    }

    fn entity(&self) -> &Entity {
        &self.0
    }

    fn entity_mut(&mut self) -> &mut Entity {
        &mut self.0
    }
}
