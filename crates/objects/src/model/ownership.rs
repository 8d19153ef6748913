//! Who owns objects: always the bucket's owner ("Controlling ownership of objects").

use crate::settings::Setting;
use kv::Record;
use serde::{Deserialize, Serialize};

/// The one way of ownership that there is.
pub(crate) const ENFORCED: &str = "BucketOwnerEnforced";

/// What a bucket says of the ownership of its objects. It says so unless that was removed; ACLs are
/// refused either way.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Ownership {
    pub(crate) is_removed: bool,
}

impl Record for Ownership {
    const VERSION: u8 = 1;
}

impl Setting for Ownership {
    const NAME: &'static str = "ownership";
}

/// `OwnershipControls`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct OwnershipControls {
    pub(crate) rules: Vec<OwnershipRule>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct OwnershipRule {
    pub(crate) object_ownership: String,
}
