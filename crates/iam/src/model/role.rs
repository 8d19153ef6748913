use super::{Entity, Kind, Owner};
use crate::{config, keys};
use kv::Record;
use serde::{Deserialize, Serialize};

/// A role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Role {
    pub(crate) entity: Entity,
    /// Who may assume it.
    pub(crate) trust: String,
    pub(crate) description: Option<String>,
    pub(crate) max_session_seconds: u32,
}

impl Record for Role {
    const VERSION: u8 = 1;
}

impl Owner for Role {
    const KIND: Kind = Kind::Role;
    const ID_PREFIX: &'static str = "AROA";
    const QUOTA: i64 = config::ROLES;
    const INLINE_CHARS: usize = config::ROLE_INLINE_CHARS;

    fn tag() -> kv::Tag {
        keys::ROLE
    }

    fn entity(&self) -> &Entity {
        &self.entity
    }

    fn entity_mut(&mut self) -> &mut Entity {
        &mut self.entity
    }

    fn trust(&self) -> Option<&str> {
        Some(&self.trust)
    }

    fn max_session_seconds(&self) -> u32 {
        self.max_session_seconds
    }
}
