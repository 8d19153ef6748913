use crate::{
    BlobId, BlobRef, BlobStream, Encryption, Error, Listed, S3Place, Upload,
    id::Salt,
    list, read,
    seal::{BlobsKey, FRAME_BYTES, Frames},
    storage::{Storage, location},
};
use bytes::{Bytes, BytesMut};
use clock::Ids;
use futures_util::{Stream, StreamExt, TryStreamExt, pin_mut};
use kv::{Entry, Key, KeyBuilder, KeyReader, Record, Store, Tag, Transaction};
use object_store::{ObjectStoreExt, PutPayload};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, ops::Range, path::Path, sync::Arc};
use types::Timestamp;

/// A blob that nothing refers to.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Intent {
    since: Timestamp,
    /// Set by the collector before it deletes; from then on nobody may adopt the blob.
    doomed: bool,
}

impl Record for Intent {
    const VERSION: u8 = 1;
}

/// Who needs blobs that nothing may refer to any more, and until when: a backup under way.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Holds {
    holds: BTreeMap<String, Timestamp>,
}

impl Record for Holds {
    const VERSION: u8 = 1;
}

/// Whether an entry under the tag that [`Blobs`] was given is what it should be.
///
/// # Errors
/// [`kv::Error::Corrupt`].
pub fn check_entry(tag: Tag, entry: &Entry) -> Result<(), kv::Error> {
    if entry.key == KeyBuilder::new(tag).build() {
        return kv::decode_record::<Holds>(&entry.value).map(drop);
    }
    let mut key = KeyReader::new(tag, &entry.key)?;
    key.fixed16()?;
    key.finish()?;
    kv::decode_record::<Intent>(&entry.value).map(drop)
}

/// The blobs of one installation. A clone is the same.
#[derive(Clone)]
pub struct Blobs {
    store: Store,
    tag: Tag,
    storage: Storage,
    sealing: Option<Arc<Sealing>>,
}

struct Sealing {
    key: BlobsKey,
    ids: Ids,
}

impl Blobs {
    /// Blobs in a folder of this host, which is made if it does not exist. Intents lie in `store`
    /// under `tag`.
    ///
    /// # Errors
    /// The folder cannot be made or opened.
    pub fn local(store: Store, tag: Tag, folder: &Path) -> Result<Self, Error> {
        Ok(Self { store, tag, storage: Storage::local(folder)?, sealing: None })
    }

    /// Blobs in an object storage that speaks S3. Nothing is asked of it yet. Intents lie in `store`
    /// under `tag`.
    ///
    /// A process that dies during an upload in parts leaves parts that are no object, and that no
    /// list shows: only the bucket's lifecycle rule `AbortIncompleteMultipartUpload` removes them.
    ///
    /// # Errors
    /// [`Error::Place`], [`Error::Storage`].
    pub fn s3(store: Store, tag: Tag, place: &S3Place) -> Result<Self, Error> {
        Ok(Self { store, tag, storage: Storage::s3(place)?, sealing: None })
    }

    /// The same with the key that sealed blobs need. The master key is kept outside of the storage
    /// and of the store; `ids` must be unpredictable.
    #[must_use]
    pub fn with_master_key(self, master_key: &[u8; 32], ids: Ids) -> Self {
        let sealing = Sealing { key: BlobsKey::new(master_key), ids };
        Self { sealing: Some(Arc::new(sealing)), ..self }
    }

    fn intent(&self, id: BlobId) -> Key {
        KeyBuilder::new(self.tag).fixed16(id.as_bytes()).build()
    }

    fn holds(&self) -> Key {
        KeyBuilder::new(self.tag).build()
    }

    /// Keeps every blob from being collected until a time; the same holder may say so again. What
    /// a snapshot refers to that is taken after the commit of this is there until then.
    ///
    /// # Errors
    /// The store's.
    pub async fn hold(
        &self,
        tx: &mut Transaction,
        holder: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut holds: Holds = tx.get_record(&self.holds()).await?.unwrap_or_default();
        holds.holds.retain(|_, until| *until > now);
        holds.holds.insert(holder.to_owned(), until);
        Ok(tx.put_record(self.holds(), &holds)?)
    }

    /// Ends what [`Blobs::hold`] began.
    ///
    /// # Errors
    /// The store's.
    pub async fn release(&self, tx: &mut Transaction, holder: &str) -> Result<(), Error> {
        let Some(mut holds) = tx.get_record::<Holds>(&self.holds()).await? else { return Ok(()) };
        holds.holds.remove(holder);
        if holds.holds.is_empty() {
            return Ok(tx.delete(self.holds())?);
        }
        Ok(tx.put_record(self.holds(), &holds)?)
    }

    /// Says that nothing refers to a blob: before it is uploaded, or when its last reference goes.
    /// Collect it after a grace that is longer than the longest upload and the longest read.
    ///
    /// # Errors
    /// The store's.
    pub fn intend(&self, tx: &mut Transaction, id: BlobId, now: Timestamp) -> Result<(), Error> {
        Ok(tx.put_record(self.intent(id), &Intent { since: now, doomed: false })?)
    }

    /// Removes the intent, in the transaction that writes a reference.
    ///
    /// # Errors
    /// [`Error::Collected`] if it came too late; the store's.
    pub async fn adopt(&self, tx: &mut Transaction, id: BlobId) -> Result<(), Error> {
        let key = self.intent(id);
        match tx.get_record::<Intent>(&key).await? {
            Some(Intent { doomed: false, .. }) => Ok(tx.delete(key)?),
            _ => Err(Error::Collected(id)),
        }
    }

    /// Begins to upload a blob whose intent is committed. Nothing is written yet.
    ///
    /// # Errors
    /// [`Error::NoKey`].
    pub fn begin_upload(&self, id: BlobId, encryption: Encryption) -> Result<Upload, Error> {
        let sealing = match (encryption, &self.sealing) {
            (Encryption::None, _) => None,
            (Encryption::Sealed, None) => return Err(Error::NoKey),
            (Encryption::Sealed, Some(sealing)) => {
                let salt = Salt(sealing.ids.bytes());
                Some((salt, sealing.key.frames(id, salt)))
            }
        };
        Ok(Upload::new(self.storage.clone(), id, sealing))
    }

    /// Stores what comes from a stream as a blob whose intent is committed. It is durable when this
    /// answers. What is stored of a stream that fails, or of a future that is dropped, is removed,
    /// at the latest by [`Blobs::collect`].
    ///
    /// # Errors
    /// The stream's; [`Error::NoKey`], [`Error::TooLarge`], [`Error::Storage`].
    pub async fn upload_stream<S, E>(
        &self,
        id: BlobId,
        encryption: Encryption,
        stream: S,
    ) -> Result<BlobRef, E>
    where
        S: Stream<Item = Result<Bytes, E>>,
        E: From<Error>,
    {
        let mut upload = self.begin_upload(id, encryption)?;
        pin_mut!(stream);
        while let Some(bytes) = stream.next().await {
            upload.write(bytes?).await?;
        }
        Ok(upload.finish().await?)
    }

    /// Stores the bytes of a blob whose intent is committed, as they are. They are durable when it
    /// answers.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn upload(&self, id: BlobId, bytes: Bytes) -> Result<(), Error> {
        self.storage.put(id, PutPayload::from_bytes(bytes)).await
    }

    /// The whole blob of [`Blobs::upload`], in memory.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Storage`].
    pub async fn read(&self, id: BlobId) -> Result<Bytes, Error> {
        let found = self.storage.objects.get(&location(id)).await;
        let found = found.map_err(|error| Error::of(id, error))?;
        found.bytes().await.map_err(Error::Storage)
    }

    /// The bytes of `range`, which must lie in the blob, as a stream that holds about 256 KiB at a
    /// time. An item that was damaged is an error and the end of the stream: whoever passes the
    /// bytes on must let the reader see that they are incomplete.
    ///
    /// # Errors
    /// Here and in the stream: [`Error::NotFound`], [`Error::Range`], [`Error::Damaged`],
    /// [`Error::NoKey`], [`Error::Storage`].
    pub async fn read_range(&self, blob: &BlobRef, range: Range<u64>) -> Result<BlobStream, Error> {
        read::range(&self.storage, blob, self.frames(blob)?, range).await
    }

    /// The whole blob as a stream.
    ///
    /// # Errors
    /// As [`Blobs::read_range`].
    pub async fn read_stream(&self, blob: &BlobRef) -> Result<BlobStream, Error> {
        self.read_range(blob, 0..blob.bytes).await
    }

    /// Seals a few bytes that their owner keeps itself, in the store: at most [`FRAME_BYTES`]. There
    /// is no blob of that id, and nothing to intend or to adopt.
    ///
    /// # Errors
    /// [`Error::NoKey`], [`Error::TooLarge`].
    pub fn seal(&self, id: BlobId, plain: &[u8]) -> Result<(BlobRef, Bytes), Error> {
        if plain.len() > FRAME_BYTES {
            return Err(Error::TooLarge);
        }
        let sealing = self.sealing.as_ref().ok_or(Error::NoKey)?;
        let salt = Salt(sealing.ids.bytes());
        let sealed = sealing.key.frames(id, salt).seal(0, true, BytesMut::from(plain));
        Ok((BlobRef { id, bytes: plain.len() as u64, salt: Some(salt) }, sealed))
    }

    /// Opens what [`Blobs::seal`] sealed.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is something else; [`Error::NoKey`].
    pub fn open(&self, blob: &BlobRef, sealed: &[u8]) -> Result<Bytes, Error> {
        let opened = match self.frames(blob)? {
            Some(frames) => frames.open(0, true, BytesMut::from(sealed)),
            None => None,
        };
        opened
            .filter(|plain| plain.len() as u64 == blob.bytes)
            .ok_or_else(|| Error::damaged(blob.id, "it is not what was sealed"))
    }

    /// What opens a blob, if it is sealed.
    fn frames(&self, blob: &BlobRef) -> Result<Option<Frames>, Error> {
        let Some(salt) = blob.salt else { return Ok(None) };
        let sealing = self.sealing.as_ref().ok_or(Error::NoKey)?;
        Ok(Some(sealing.key.frames(blob.id, salt)))
    }

    /// The bytes of a blob as they are stored, sealed or not, and how many they are: for copies,
    /// which [`Blobs::copy_in`] takes.
    ///
    /// # Errors
    /// Here and in the stream: [`Error::NotFound`], [`Error::Storage`].
    pub async fn read_stored(&self, id: BlobId) -> Result<(u64, BlobStream), Error> {
        let bytes = self.stored_bytes(id).await?.ok_or(Error::NotFound(id))?;
        let stream = read::range(&self.storage, &BlobRef::plain(id, bytes), None, 0..bytes).await?;
        Ok((bytes, stream))
    }

    /// A part of the bytes of a blob as they are stored.
    ///
    /// # Errors
    /// As [`Blobs::read_stored`]; [`Error::Range`].
    pub async fn read_stored_range(&self, id: BlobId, range: Range<u64>) -> Result<Bytes, Error> {
        let bytes = self.stored_bytes(id).await?.ok_or(Error::NotFound(id))?;
        let end = range.end.min(bytes);
        let blob = BlobRef::plain(id, bytes);
        let stream = read::range(&self.storage, &blob, None, range.start..end).await?;
        Ok(stream.try_collect::<Vec<_>>().await?.concat().into())
    }

    /// The size of a blob in the storage, in bytes, if it is there.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn stored_bytes(&self, id: BlobId) -> Result<Option<u64>, Error> {
        match self.storage.objects.head(&location(id)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(Error::Storage(error)),
        }
    }

    /// Begins to store bytes that [`Blobs::read_stored`] gave, as they are.
    #[must_use]
    pub fn copy_in(&self, id: BlobId) -> Upload {
        Upload::copy(self.storage.clone(), id)
    }

    /// The blobs in the storage whose ids begin with the byte `page`, in the order of their ids;
    /// uploads that have not ended are not among them. All pages together are every blob.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn list(&self, page: u8) -> Result<Vec<Listed>, Error> {
        list::page(&self.storage, page).await
    }

    /// Deletes a blob if nothing refers to it. Does nothing to one that was adopted, and ends
    /// what an earlier run began.
    ///
    /// # Errors
    /// [`Error::Held`]: run it again later; [`Error::Storage`], [`Error::Folder`]; the store's, a
    /// conflict among them: then run it again.
    pub async fn collect(&self, id: BlobId, now: Timestamp) -> Result<(), Error> {
        let mut tx = self.store.begin();
        let holds: Holds = tx.get_record(&self.holds()).await?.unwrap_or_default();
        if holds.holds.values().any(|until| *until > now) {
            return Err(Error::Held);
        }
        let Some(intent) = tx.get_record::<Intent>(&self.intent(id)).await? else { return Ok(()) };
        tx.put_record(self.intent(id), &Intent { doomed: true, ..intent })?;
        tx.commit().await?;
        self.storage.delete(id).await?;
        let mut tx = self.store.begin();
        tx.delete(self.intent(id))?;
        tx.commit().await?;
        Ok(())
    }
}
