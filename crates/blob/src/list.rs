use crate::{BlobId, Error, storage::Storage};
use futures_util::TryStreamExt;
use object_store::{ObjectStore, path::Path};
use types::Timestamp;

/// How many pages the list of all blobs has: one for each first byte of an id.
pub const PAGES: std::ops::RangeInclusive<u8> = 0..=u8::MAX;

/// A blob as the storage knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Which.
    pub id: BlobId,
    /// Its size in the storage, in bytes.
    pub stored_bytes: u64,
    /// When it was stored.
    pub modified: Timestamp,
}

/// The blobs of one of the 256 folders. What is not named as a blob is none.
pub(crate) async fn page(storage: &Storage, page: u8) -> Result<Vec<Listed>, Error> {
    let folder = Path::from(format!("{page:02x}"));
    let mut found = Vec::new();
    let mut list = storage.objects.list(Some(&folder));
    while let Some(meta) = list.try_next().await.map_err(Error::Storage)? {
        let Some(id) = meta.location.filename().and_then(|name| name.parse::<BlobId>().ok()) else {
            continue;
        };
        let modified = u64::try_from(meta.last_modified.timestamp_millis()).unwrap_or_default();
        let modified = Timestamp::from_millis(modified);
        found.push(Listed { id, stored_bytes: meta.size, modified });
    }
    found.sort_unstable_by_key(|listed| listed.id);
    Ok(found)
}
