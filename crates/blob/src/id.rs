use crate::seal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// The id of a blob: 16 random bytes. As text, 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BlobId([u8; 16]);

impl BlobId {
    /// The id of these random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for BlobId {
    type Err = hex::FromHexError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes)?;
        Ok(Self(bytes))
    }
}

/// Whether a blob's bytes are encrypted where they lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// They lie there as they are.
    None,
    /// They are ciphertext under a key that is kept outside of the storage and of the store.
    Sealed,
}

/// What a record keeps of a blob that it refers to. A sealed blob opens only with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobRef {
    /// Which blob.
    #[serde(serialize_with = "to_text", deserialize_with = "from_text")]
    pub id: BlobId,
    /// Its size in bytes, as they were uploaded.
    pub bytes: u64,
    /// Of a sealed one: what its key is made of, beside its id and the master key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) salt: Option<Salt>,
}

impl BlobRef {
    /// A blob of [`Blobs::upload`](crate::Blobs::upload) with this many bytes.
    #[must_use]
    pub fn plain(id: BlobId, bytes: u64) -> Self {
        Self { id, bytes, salt: None }
    }

    /// Whether it is encrypted.
    #[must_use]
    pub fn encryption(&self) -> Encryption {
        if self.salt.is_some() { Encryption::Sealed } else { Encryption::None }
    }

    /// The size that it has in the storage, in bytes.
    #[must_use]
    pub fn stored_bytes(&self) -> u64 {
        if self.salt.is_some() { seal::sealed_bytes(self.bytes) } else { self.bytes }
    }
}

/// 16 random bytes, drawn for each upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Salt(pub(crate) [u8; 16]);

impl Serialize for Salt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Salt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text::<D>(deserializer).map(|id| Self(id.0))
    }
}

fn to_text<S: Serializer>(id: &BlobId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

fn from_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BlobId, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| de::Error::custom("not 32 hexadecimal digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_keeps_its_stored_form() {
        let mut blob = BlobRef::plain(BlobId::from_random([10; 16]), 7);
        let plain = r#"{"id":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","bytes":7}"#;
        assert_eq!(serde_json::to_string(&blob).unwrap(), plain);
        assert_eq!(serde_json::from_str::<BlobRef>(plain).unwrap(), blob);
        blob.salt = Some(Salt([11; 16]));
        let sealed = r#"{"id":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","bytes":7,"salt":"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"}"#;
        assert_eq!(serde_json::to_string(&blob).unwrap(), sealed);
        assert_eq!(serde_json::from_str::<BlobRef>(sealed).unwrap(), blob);
        assert!(serde_json::from_str::<BlobRef>(r#"{"id":"0a","bytes":7}"#).is_err());
    }
}
