use crate::{Error, keys};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;

/// The id of a version: opaque to callers. It holds the version's sequence, so that a version is
/// found without a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VersionId {
    /// Of a version that was written while versioning was off or suspended.
    Null,
    /// Of any other.
    Made {
        /// The version's place among those of its object.
        sequence: u64,
        /// What makes it unique.
        random: [u8; 16],
    },
}

impl VersionId {
    /// Reads an id; `None` if it cannot be one of ours.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text == "null" {
            return Some(Self::Null);
        }
        let bytes: [u8; 24] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (sequence, random) = bytes.split_at(8);
        let sequence = u64::from_be_bytes(sequence.try_into().ok()?);
        Some(Self::Made { sequence, random: random.try_into().ok()? })
    }

    /// Reads the id in a request.
    pub(crate) fn wanted(text: &str) -> Result<Self, Error> {
        let invalid = || Error::InvalidArgument("Invalid version id specified".to_owned());
        Self::parse(text).ok_or_else(invalid)
    }

    /// The place of the version, once it is not current any more; of the null version it is
    /// written elsewhere.
    pub(crate) fn place(self) -> Option<u64> {
        match self {
            Self::Null => None,
            Self::Made { sequence, .. } => Some(keys::place(sequence)),
        }
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Made { sequence, random } => {
                let bytes = [&sequence.to_be_bytes()[..], random].concat();
                f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
            }
        }
    }
}

impl Serialize for VersionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for VersionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("no version id"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_was_written() {
        let id = VersionId::Made { sequence: 258, random: [7; 16] };
        assert_eq!(id.to_string().len(), 32);
        assert_eq!(VersionId::parse(&id.to_string()), Some(id));
        assert_eq!(VersionId::parse("null"), Some(VersionId::Null));
        assert_eq!(VersionId::parse("nonsense"), None);
    }
}
