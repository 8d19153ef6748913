use crate::{Error, Head, Page, RecordTable, Source, StoredBlob};
use blob::{BlobId, Blobs};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, future::BoxFuture};
use kv::{Entry, Range, Snapshot};
use std::sync::Arc;

/// About how many bytes a page has.
const PAGE_BYTES: usize = 1024 * 1024;
/// How many entries are read at once: at their largest, 64 MiB.
const SCAN_ENTRIES: usize = 32;
/// How many entries a page has at most.
pub(crate) const PAGE_ENTRIES: usize = 4_096;

/// A snapshot of a store that this process has open. Whoever makes it holds the blobs
/// ([`Blobs::hold`]) from before the snapshot on.
pub struct LiveSource {
    snapshot: Arc<dyn Snapshot>,
    blobs: Blobs,
    table: Arc<RecordTable>,
    head: Head,
}

impl LiveSource {
    /// A source of this snapshot; `key_check` is of the installation's master key.
    #[must_use]
    pub fn new(
        snapshot: Arc<dyn Snapshot>,
        blobs: Blobs,
        table: Arc<RecordTable>,
        key_check: String,
    ) -> Self {
        let head = Head { version: snapshot.version(), key_check };
        Self { snapshot, blobs, table, head }
    }

    /// The blobs of the installation.
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    fn refer(&self, entry: &Entry, page: &mut Page) -> Result<(), Error> {
        let inspection = match self.table.inspect(entry) {
            Some(Ok(inspection)) => inspection,
            Some(Err(error)) => return Err(self.unreadable(entry, &error.to_string())),
            None => return Err(self.unreadable(entry, "written by a newer version?")),
        };
        page.blobs.extend(inspection.blobs);
        Ok(())
    }

    fn unreadable(&self, entry: &Entry, reason: &str) -> Error {
        let name = self.table.name(entry);
        Error::Unreadable(format!("the {name} at {} is damaged: {reason}", hex::encode(&entry.key)))
    }
}

/// The entries after a key, about [`PAGE_BYTES`], and whether there are more.
pub(crate) async fn entries_after(
    snapshot: &dyn Snapshot,
    after: Option<&[u8]>,
) -> Result<(Vec<Entry>, bool), kv::Error> {
    let everything = Range::prefix(b"");
    let mut range = after.map_or_else(|| everything.clone(), |key| everything.after(key));
    let (mut entries, mut bytes) = (Vec::new(), 0);
    while bytes < PAGE_BYTES && entries.len() < PAGE_ENTRIES {
        let found = snapshot.scan(&range, false, SCAN_ENTRIES).await?;
        let more = found.len() == SCAN_ENTRIES;
        bytes += found.iter().map(|entry| entry.key.len() + entry.value.len()).sum::<usize>();
        entries.extend(found);
        match entries.last() {
            Some(last) if more => range = range.after(&last.key),
            _ => return Ok((entries, false)),
        }
    }
    Ok((entries, true))
}

impl Source for LiveSource {
    fn head(&self) -> Head {
        self.head.clone()
    }

    fn page<'a>(&'a self, cursor: Option<&'a [u8]>) -> BoxFuture<'a, Result<Page, Error>> {
        Box::pin(async move {
            let (entries, more) = entries_after(&*self.snapshot, cursor).await?;
            let next = entries.last().filter(|_| more);
            let next = next.map(|entry| Bytes::copy_from_slice(&entry.key));
            let mut page = Page { entries: Vec::new(), blobs: Vec::new(), next };
            for entry in entries {
                self.refer(&entry, &mut page)?;
                page.entries.push(entry);
            }
            Ok(page)
        })
    }

    fn blob(&self, id: BlobId) -> BoxFuture<'_, Result<StoredBlob, Error>> {
        Box::pin(async move {
            let (bytes, stream) = self.blobs.read_stored(id).await?;
            Ok(StoredBlob { bytes, stream: stream.map_err(Error::Blob).boxed() })
        })
    }
}
