use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use types::AccountId;

/// Whose a bucket, an object or an upload is. S3 tells no display names any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Owner {
    #[serde(rename = "ID")]
    id: String,
    /// What a request says of it changes nothing: the id names the user.
    #[serde(rename = "DisplayName", skip_serializing)]
    _display_name: Option<String>,
}

impl Owner {
    /// The account's canonical id: 64 hexadecimal digits.
    pub(crate) fn of(account: &AccountId) -> Self {
        let id = hex::encode(Sha256::digest(format!("canonical user {account}")));
        Self { id, _display_name: None }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }
}
