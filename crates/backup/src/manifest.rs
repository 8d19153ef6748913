use crate::{Error, Head};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::{Component, Path};

/// The format that this build writes, and the only one that it reads.
pub(crate) const FORMAT: u32 = 1;
/// The file that makes a folder a backup.
pub(crate) const MANIFEST: &str = "manifest.json";
/// The file that lists the blobs.
pub(crate) const INDEX: &str = "blobs.index";

/// What a backup is made of.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    pub(crate) format: u32,
    /// When it was begun, in ISO 8601.
    pub(crate) created: String,
    #[serde(flatten)]
    pub(crate) head: Head,
    pub(crate) entries: u64,
    pub(crate) blobs: u64,
    /// Of all blobs together.
    pub(crate) blob_bytes: u64,
    /// The list of blobs, a line for each: see [`BlobLine`].
    pub(crate) index: FilePart,
    /// The entries, in the order of their keys.
    pub(crate) parts: Vec<FilePart>,
}

/// A file and what is in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FilePart {
    /// Its path in the backup.
    pub(crate) name: String,
    pub(crate) bytes: u64,
    /// In hexadecimal.
    pub(crate) sha256: String,
}

/// A blob in the index.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BlobLine {
    pub(crate) id: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

/// The manifest as it is written: with the hash of its own text.
#[derive(Serialize, Deserialize)]
struct Signed {
    manifest: Manifest,
    sha256: String,
}

impl Manifest {
    pub(crate) fn encode(self) -> Result<Vec<u8>, Error> {
        let sha256 = self.hash()?;
        serde_json::to_vec_pretty(&Signed { manifest: self, sha256 }).map_err(|e| damaged(&e))
    }

    pub(crate) fn decode(text: &[u8]) -> Result<Self, Error> {
        let Signed { manifest, sha256 } =
            serde_json::from_slice(text).map_err(|error| damaged(&error))?;
        if manifest.format != FORMAT {
            return Err(Error::Refused(format!(
                "the backup is of format {}; this build reads format {FORMAT}",
                manifest.format
            )));
        }
        if manifest.hash()? != sha256 {
            return Err(Error::Damaged(format!("{MANIFEST} is not what was written")));
        }
        let files = manifest.parts.iter().chain([&manifest.index]);
        if let Some(file) = files.into_iter().find(|file| !is_inside(&file.name)) {
            return Err(Error::Damaged(format!("{MANIFEST} names {:?}", file.name)));
        }
        Ok(manifest)
    }

    fn hash(&self) -> Result<String, Error> {
        let text = serde_json::to_vec(self).map_err(|error| damaged(&error))?;
        Ok(hex::encode(Sha256::digest(text)))
    }
}

fn is_inside(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    !name.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
}

fn damaged(error: &serde_json::Error) -> Error {
    Error::Damaged(format!("{MANIFEST}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let part = |name: &str| FilePart { name: name.to_owned(), bytes: 1, sha256: "ab".into() };
        Manifest {
            format: FORMAT,
            created: "2026-11-23T00:00:00Z".to_owned(),
            head: Head { version: 7, key_check: "cd".to_owned() },
            entries: 3,
            blobs: 0,
            blob_bytes: 0,
            index: part(INDEX),
            parts: vec![part("store/000000.part")],
        }
    }

    #[test]
    fn a_manifest_that_was_changed_is_damaged() {
        let text = String::from_utf8(manifest().encode().unwrap()).unwrap();
        assert_eq!(Manifest::decode(text.as_bytes()).unwrap(), manifest());
        let changed = text.replace("\"entries\": 3", "\"entries\": 2");
        assert!(matches!(Manifest::decode(changed.as_bytes()), Err(Error::Damaged(_))));
        assert!(matches!(Manifest::decode(&text.as_bytes()[..99]), Err(Error::Damaged(_))));
        let newer = text.replace("\"format\": 1", "\"format\": 2");
        assert!(matches!(Manifest::decode(newer.as_bytes()), Err(Error::Refused(_))));
    }

    #[test]
    fn a_manifest_cannot_name_what_lies_outside() {
        for name in ["../x", "/etc/passwd", "", "a/../b"] {
            let mut manifest = manifest();
            manifest.parts[0].name = name.to_owned();
            let text = manifest.encode().unwrap();
            assert!(matches!(Manifest::decode(&text), Err(Error::Damaged(_))), "{name}");
        }
    }
}
