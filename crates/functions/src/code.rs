//! Code: packages by their hash, each stored once however many functions have it, and unpacked once
//! on this node.

mod merge;
#[cfg(test)]
pub(crate) mod testing;
mod unpack;

use crate::{
    Error, Functions, config, jobs, keys,
    model::{Function, LayerRef},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use blob::BlobId;
use bytes::Bytes;
use kv::{Record, Transaction};
use serde::{Deserialize, Serialize};
use service::{Fault, Transact, transact};
use sha2::{Digest, Sha256};
use std::{fs, io, path::PathBuf};
use types::Timestamp;
use unpack::Failure;

/// The hash of a package: its SHA-256 in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct CodeId(String);

impl CodeId {
    pub(crate) fn of(zip: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(zip)))
    }

    /// The id in a key or a path.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 64 && text.bytes().all(digit)).then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// As the API tells it, `CodeSha256`.
    pub(crate) fn base64(&self) -> String {
        STANDARD.encode(hex::decode(&self.0).unwrap_or_default())
    }
}

/// A stored package.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) blob: BlobId,
    /// Bytes of the zip.
    pub(crate) size: u64,
    /// Bytes of its files; missing where it was stored before they were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unpacked: Option<u64>,
    /// Functions that have it. At 0 it goes after a grace.
    pub(crate) references: u64,
    /// The last upload, or the time at which the last function let it go.
    pub(crate) touched: Timestamp,
}

impl Record for Code {
    const VERSION: u8 = 1;
}

/// What a function remembers of its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CodeRef {
    pub(crate) id: CodeId,
    /// Bytes of the zip.
    pub(crate) size: u64,
}

impl Functions {
    /// Stores a package, which then waits for a function to refer to it. The same package again
    /// is found.
    pub(crate) async fn store_code(&self, zip: Bytes) -> Result<CodeId, Fault> {
        let id = CodeId::of(&zip);
        let unpacked = match self.unpack(&id, zip.clone()).await? {
            Some(bytes) => bytes,
            None => self.measure(&id).await?,
        };
        let found = Touch { functions: self, id: &id, unpacked };
        if transact(&self.platform.store, &found).await? {
            return Ok(id);
        }
        let blob = BlobId::from_random(self.ids.bytes());
        transact(&self.platform.store, &Intend { functions: self, blob }).await?;
        let adopt = Adopt { functions: self, id: &id, blob, size: zip.len() as u64, unpacked };
        self.blobs.upload(blob, zip).await.map_err(|error| blob_fault(&error))?;
        transact(&self.platform.store, &adopt).await?;
        Ok(id)
    }

    /// Counts one function more for a package, in the transaction that writes the function.
    pub(crate) async fn refer(&self, tx: &mut Transaction, id: &CodeId) -> Result<CodeRef, Error> {
        let key = keys::code(&self.platform.account, &self.platform.region, id.as_str());
        let Some(mut code) = tx.get_record::<Code>(&key).await? else {
            return Err(Error::InvalidParameterValue(
                "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The \
                 specified key does not exist."
                    .to_owned(),
            ));
        };
        code.references += 1;
        tx.put_record(key, &code)?;
        Ok(CodeRef { id: id.clone(), size: code.size })
    }

    /// Checks that a function's package and its layers, unpacked, fit together.
    pub(crate) async fn check_unpacked(
        &self,
        tx: &mut Transaction,
        function: &CodeId,
        layers: &[LayerRef],
    ) -> Result<(), Error> {
        let mut in_layers = 0;
        for layer in layers {
            in_layers += self.unpacked_bytes(tx, &layer.code.id).await?;
        }
        let all = in_layers + self.unpacked_bytes(tx, function).await?;
        if in_layers > config::UNZIPPED_BYTES {
            return Err(Error::LayersTooLarge);
        }
        if all > config::UNZIPPED_BYTES { Err(Error::TogetherTooLarge(all)) } else { Ok(()) }
    }

    /// Bytes of a package's files; at least those of the zip where nobody has counted them.
    async fn unpacked_bytes(&self, tx: &mut Transaction, id: &CodeId) -> Result<u64, Error> {
        let key = keys::code(&self.platform.account, &self.platform.region, id.as_str());
        let code = tx.get_record::<Code>(&key).await?;
        Ok(code.map_or(0, |code| code.unpacked.unwrap_or(code.size)))
    }

    /// Counts one function less.
    pub(crate) async fn release(
        &self,
        tx: &mut Transaction,
        id: &CodeId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let key = keys::code(&self.platform.account, &self.platform.region, id.as_str());
        let Some(mut code) = tx.get_record::<Code>(&key).await? else { return Ok(()) };
        code.references = code.references.saturating_sub(1);
        if code.references == 0 {
            code.touched = now;
            jobs::forget_code(self, tx, id, now)?;
        }
        Ok(tx.put_record(key, &code)?)
    }

    /// Counts one function less for its package and its layers.
    pub(crate) async fn release_all(
        &self,
        tx: &mut Transaction,
        function: &Function,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.release(tx, &function.code.id, now).await?;
        for layer in &function.settings.layers {
            self.release(tx, &layer.code.id, now).await?;
        }
        Ok(())
    }

    /// The folder with a function's unpacked code, read from its blob if this node lacks it.
    pub(crate) async fn code_folder(&self, id: &CodeId) -> Result<PathBuf, Fault> {
        let folder = self.code_cache.join(id.as_str());
        if folder.is_dir() {
            return Ok(folder);
        }
        let key = keys::code(&self.platform.account, &self.platform.region, id.as_str());
        let code: Option<Code> = self.platform.store.begin().get_record(&key).await?;
        let code = code.ok_or_else(|| Fault::internal(format!("code {} is gone", id.as_str())))?;
        let zip = self.blobs.read(code.blob).await.map_err(|error| blob_fault(&error))?;
        self.unpack(id, zip).await?;
        Ok(folder)
    }

    /// Unpacks a package unless that was done: first beside its place and then, complete, into it.
    /// Answers the bytes of its files if it did so now.
    async fn unpack(&self, id: &CodeId, zip: Bytes) -> Result<Option<u64>, Fault> {
        let folder = self.code_cache.join(id.as_str());
        // One at a time: of many that want the same package, one unpacks.
        let _turn = self.unpacking.lock().await;
        let beside = self.code_cache.join(format!("new-{}", self.ids.uuid()));
        let work = move || {
            if folder.is_dir() {
                return Ok(None);
            }
            let result = unpack::unpack(&zip, &beside, config::UNZIPPED_BYTES);
            let result = result.and_then(|bytes| {
                fs::rename(&beside, &folder).map_err(Failure::Disk)?;
                Ok(Some(bytes))
            });
            if result.is_err() {
                remove(&beside);
            }
            result
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(Failure::Package(error))) => Err(error.into()),
            Ok(Err(Failure::Disk(error))) => {
                Err(Fault::internal(format!("code cannot be unpacked: {error}")))
            }
            Err(error) => Err(Fault::internal(format!("unpacking ended: {error}"))),
        }
    }

    /// The bytes of the files of an unpacked package.
    async fn measure(&self, id: &CodeId) -> Result<u64, Fault> {
        let folder = self.code_cache.join(id.as_str());
        let measured = tokio::task::spawn_blocking(move || bytes_below(&folder)).await;
        let unread = |error: &dyn std::fmt::Display| {
            Fault::internal(format!("code cannot be measured: {error}"))
        };
        measured.map_err(|error| unread(&error))?.map_err(|error| unread(&error))
    }

    /// The folder with these packages over each other, the last one on top.
    pub(crate) async fn merged_folder(&self, ids: &[CodeId]) -> Result<PathBuf, Fault> {
        let mut parts = Vec::new();
        for id in ids {
            parts.push(self.code_folder(id).await?);
        }
        if let [only] = &parts[..] {
            return Ok(only.clone());
        }
        let folder = self.code_cache.join(merged_name(ids));
        let _turn = self.unpacking.lock().await;
        if folder.is_dir() {
            return Ok(folder);
        }
        let (beside, place) =
            (self.code_cache.join(format!("new-{}", self.ids.uuid())), folder.clone());
        let work = move || {
            let merged = merge::merge(&parts, &beside).and_then(|()| fs::rename(&beside, &place));
            if merged.is_err() {
                remove(&beside);
            }
            merged
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(())) => Ok(folder),
            Ok(Err(error)) => Err(Fault::internal(format!("layers cannot be merged: {error}"))),
            Err(error) => Err(Fault::internal(format!("merging ended: {error}"))),
        }
    }

    /// Removes the unpacked code of a package from this node, and what it was merged into.
    pub(crate) async fn forget_folder(&self, id: &CodeId) {
        let cache = self.code_cache.clone();
        let (own, part) = (cache.join(id.as_str()), short(id).to_owned());
        let work = move || {
            remove(&own);
            for entry in fs::read_dir(&cache).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.starts_with(MERGED) && name.split('-').any(|one| one == part) {
                    remove(&entry.path());
                }
            }
        };
        let removed = tokio::task::spawn_blocking(work).await;
        if let Err(error) = removed {
            tracing::warn!(%error, "the folder of unpacked code was not removed");
        }
    }
}

/// How the folders of merged packages begin.
const MERGED: &str = "layers";

/// `layers-` and the packages' hashes, of which 32 digits tell them from each other.
fn merged_name(ids: &[CodeId]) -> String {
    ids.iter().fold(MERGED.to_owned(), |name, id| name + "-" + short(id))
}

fn short(id: &CodeId) -> &str {
    &id.as_str()[..32]
}

/// An empty folder for unpacked code. What an earlier process left goes: it was not synced, so
/// after a loss of power it may be incomplete, and everything in it comes from blobs.
pub(crate) fn empty_cache(folder: &std::path::Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::create_dir_all(folder)
}

fn remove(folder: &std::path::Path) {
    if let Err(error) = fs::remove_dir_all(folder)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, folder = %folder.display(), "a folder was not removed");
    }
}

/// The bytes of all files in a folder.
fn bytes_below(folder: &std::path::Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { bytes_below(&entry.path())? } else { metadata.len() };
    }
    Ok(bytes)
}

pub(crate) fn blob_fault(error: &blob::Error) -> Fault {
    match error {
        blob::Error::Store(error) => error.clone().into(),
        error => Fault::internal(error.to_string()),
    }
}

/// Renews the grace of a package that exists.
struct Touch<'a> {
    functions: &'a Functions,
    id: &'a CodeId,
    unpacked: u64,
}

impl Transact for Touch<'_> {
    type Output = bool;

    async fn run(&self, tx: &mut Transaction) -> Result<bool, Fault> {
        let platform = &self.functions.platform;
        let key = keys::code(&platform.account, &platform.region, self.id.as_str());
        let Some(mut code) = tx.get_record::<Code>(&key).await? else { return Ok(false) };
        code.touched = platform.clock.now();
        code.unpacked = Some(self.unpacked);
        tx.put_record(key, &code)?;
        Ok(true)
    }
}

/// The intent of a blob, and the job that collects it if nothing comes of that.
struct Intend<'a> {
    functions: &'a Functions,
    blob: BlobId,
}

impl Transact for Intend<'_> {
    type Output = ();

    async fn run(&self, tx: &mut Transaction) -> Result<(), Fault> {
        jobs::orphan(self.functions, tx, self.blob, self.functions.platform.clock.now())
    }
}

/// The record of a package, which adopts its blob.
struct Adopt<'a> {
    functions: &'a Functions,
    id: &'a CodeId,
    blob: BlobId,
    size: u64,
    unpacked: u64,
}

impl Transact for Adopt<'_> {
    type Output = ();

    async fn run(&self, tx: &mut Transaction) -> Result<(), Fault> {
        let platform = &self.functions.platform;
        let now = platform.clock.now();
        let key = keys::code(&platform.account, &platform.region, self.id.as_str());
        if let Some(mut code) = tx.get_record::<Code>(&key).await? {
            // Another upload of the same package was faster; this one's blob is collected.
            code.touched = now;
            return Ok(tx.put_record(key, &code)?);
        }
        self.functions.blobs.adopt(tx, self.blob).await.map_err(|error| blob_fault(&error))?;
        jobs::forget_code(self.functions, tx, self.id, now)?;
        let (size, unpacked) = (self.size, Some(self.unpacked));
        let code = Code { blob: self.blob, size, unpacked, references: 0, touched: now };
        Ok(tx.put_record(key, &code)?)
    }
}

/// The bytes of a package that may come in a request.
pub(crate) fn check_size(zip: &[u8]) -> Result<(), Error> {
    if zip.len() > config::ZIPPED_BYTES { Err(Error::ZippedTooLarge) } else { Ok(()) }
}
