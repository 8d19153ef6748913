//! How bytes come in: hashed as they come, kept in memory while they are few, else a blob.

use crate::{
    Error, Objects, config,
    error::of_blob,
    jobs,
    keys::{self, StoreId},
    model::{Algorithm, Body, Checksum, ChecksumMembers, Hasher, Upload as PartsUpload},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use blob::{BlobId, BlobRef, Encryption, Upload};
use bytes::{Bytes, BytesMut};
use futures_util::{
    FutureExt, Stream, StreamExt,
    future::{BoxFuture, Either, select},
    pin_mut,
};
use kv::Transaction;
use md5::{Digest, Md5};
use service::{Fault, Transact, transact};

/// What a request says of the bytes that it brings.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expected {
    /// The MD5 that they must have.
    pub(crate) md5: Option<[u8; 16]>,
    /// The checksum to compute.
    pub(crate) algorithm: Option<Algorithm>,
    /// The value, in base64, that it must have.
    pub(crate) checksum: Option<String>,
    /// What is kept, if that is another one than the one to check.
    pub(crate) kept: Option<Algorithm>,
}

impl Expected {
    /// Reads what headers say. `named` is the algorithm that the request names by itself.
    pub(crate) fn of(
        md5: Option<&str>,
        sums: &ChecksumMembers,
        named: Option<Algorithm>,
    ) -> Result<Self, Error> {
        let md5 = md5.map(|text| {
            let bytes = STANDARD.decode(text).ok();
            bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(Error::InvalidDigest)
        });
        let md5 = md5.transpose()?;
        let mut expected = Self { md5, algorithm: named, ..Self::default() };
        if let Some((algorithm, value)) = sums.only()? {
            algorithm.bytes(value)?;
            if named.is_some_and(|named| named != algorithm) {
                let text = "Value for x-amz-sdk-checksum-algorithm header is invalid.";
                return Err(Error::InvalidRequest(text.to_owned()));
            }
            expected.algorithm = Some(algorithm);
            expected.checksum = Some(value.to_owned());
        }
        Ok(expected)
    }

    /// Of a part: the upload says which checksum is kept.
    pub(crate) fn of_upload(&mut self, upload: &PartsUpload) -> Result<(), Error> {
        let brought = *self.algorithm.get_or_insert(upload.algorithm);
        if brought == upload.algorithm {
            return Ok(());
        }
        if upload.is_chosen {
            return Err(Error::InvalidRequest(format!(
                "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum \
                 Type: {}",
                upload.algorithm.name().to_ascii_lowercase(),
                brought.name().to_ascii_lowercase(),
            )));
        }
        self.kept = Some(upload.algorithm);
        Ok(())
    }
}

/// Bytes that came in, and what was computed of them.
pub(crate) struct Taken {
    pub(crate) size: u64,
    /// In hexadecimal.
    pub(crate) md5: String,
    pub(crate) checksum: Checksum,
    place: Place,
}

enum Place {
    Empty,
    /// Sealed, to be put into the store.
    Inline(BlobRef, Bytes),
    Blob(BlobRef),
}

impl Taken {
    /// Keeps them, in the transaction that writes what refers to them.
    pub(crate) async fn keep(
        &self,
        objects: &Objects,
        tx: &mut Transaction,
        store: &StoreId,
    ) -> Result<Body, Error> {
        match &self.place {
            Place::Empty => Ok(Body::Empty),
            Place::Inline(blob, sealed) => {
                tx.put(keys::body(store, &blob.id), sealed.clone())?;
                Ok(Body::Inline(*blob))
            }
            Place::Blob(blob) => {
                objects.blobs.adopt(tx, blob.id).await.map_err(of_blob)?;
                Ok(Body::Blob(*blob))
            }
        }
    }

    /// Removes what was stored of bytes that nobody kept. A failure is the collecting job's.
    pub(crate) async fn drop_blob(&self, objects: &Objects) {
        if let Place::Blob(blob) = &self.place {
            let now = objects.platform.clock.now();
            let _ = objects.blobs.collect(blob.id, now).await;
        }
    }
}

/// What hashes bytes as they pass.
struct Hashes {
    size: u64,
    md5: Md5,
    checksum: Hasher,
    kept: Option<Hasher>,
}

impl Hashes {
    fn update(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.size += bytes.len() as u64;
        if self.size > config::UPLOAD_BYTES {
            return Err(Error::EntityTooLarge);
        }
        self.md5.update(bytes);
        self.checksum.update(bytes);
        if let Some(kept) = &mut self.kept {
            kept.update(bytes);
        }
        Ok(())
    }
}

/// What takes bytes in: few stay in memory until they are more.
struct Sink<'a> {
    objects: &'a Objects,
    few: BytesMut,
    upload: Option<Begun<'a>>,
}

/// What a piece of a body needs beside its bytes, in bytes.
const PIECE_BYTES: usize = size_of::<Bytes>();

/// An upload of a blob from when its intent is on its way to the store. Not a byte is stored before
/// the intent is durable, but bytes are received and hashed while it is being written.
struct Begun<'a> {
    /// What came and is not given to the upload.
    pieces: Vec<Bytes>,
    /// Bytes that they need, at most.
    held: usize,
    /// `None` once it is durable.
    intent: Option<BoxFuture<'a, Result<(), Fault>>>,
    upload: Upload,
}

impl<'a> Begun<'a> {
    fn new(objects: &'a Objects) -> Result<Self, Fault> {
        let blob = BlobId::from_random(objects.ids.bytes());
        let intent = async move { transact(&objects.platform.store, &Intend(objects, blob)).await };
        let upload = objects.blobs.begin_upload(blob, Encryption::Sealed).map_err(of_blob)?;
        Ok(Self { pieces: Vec::new(), held: 0, intent: Some(intent.boxed()), upload })
    }

    /// Waits for the next bytes while the intent is being written.
    async fn beside<T>(&mut self, next: impl Future<Output = T>) -> Result<T, Fault> {
        let Some(intent) = &mut self.intent else { return Ok(next.await) };
        pin_mut!(next);
        match select(intent, next).await {
            Either::Right((next, _)) => Ok(next),
            Either::Left((done, next)) => {
                self.intent = None;
                done?;
                Ok(next.await)
            }
        }
    }

    async fn write(&mut self, bytes: Bytes) -> Result<(), Fault> {
        self.held += bytes.len() + PIECE_BYTES;
        self.pieces.push(bytes);
        match self.intent.is_some() && self.held <= config::INTENDED_BYTES {
            true => Ok(()),
            false => self.pass_on().await,
        }
    }

    async fn pass_on(&mut self) -> Result<(), Fault> {
        if let Some(intent) = self.intent.take() {
            intent.await?;
        }
        self.held = 0;
        for piece in std::mem::take(&mut self.pieces) {
            self.upload.write(piece).await.map_err(of_blob)?;
        }
        Ok(())
    }

    async fn finish(mut self) -> Result<BlobRef, Fault> {
        self.pass_on().await?;
        Ok(self.upload.finish().await.map_err(of_blob)?)
    }
}

impl Sink<'_> {
    async fn write(&mut self, bytes: Bytes) -> Result<(), Fault> {
        if self.upload.is_none() && self.few.len() + bytes.len() <= config::INLINE_BYTES {
            self.few.extend_from_slice(&bytes);
            return Ok(());
        }
        if self.upload.is_none() {
            let mut begun = Begun::new(self.objects)?;
            begun.write(std::mem::take(&mut self.few).freeze()).await?;
            self.upload = Some(begun);
        }
        let upload = self.upload.as_mut().expect("it was set just above");
        upload.write(bytes).await
    }

    /// Waits for the next bytes.
    async fn beside<T>(&mut self, next: impl Future<Output = T>) -> Result<T, Fault> {
        match &mut self.upload {
            Some(upload) => upload.beside(next).await,
            None => Ok(next.await),
        }
    }

    async fn finish(self) -> Result<Place, Fault> {
        match self.upload {
            Some(upload) => Ok(Place::Blob(upload.finish().await?)),
            None if self.few.is_empty() => Ok(Place::Empty),
            None => {
                let id = BlobId::from_random(self.objects.ids.bytes());
                let (blob, sealed) = self.objects.blobs.seal(id, &self.few).map_err(of_blob)?;
                Ok(Place::Inline(blob, sealed))
            }
        }
    }
}

/// Makes the intent of an upload durable before its first byte.
struct Intend<'a>(&'a Objects, BlobId);

impl Transact for Intend<'_> {
    type Output = ();

    async fn run(&self, tx: &mut Transaction) -> Result<(), Fault> {
        let Self(objects, blob) = self;
        objects.blobs.intend(tx, *blob, objects.platform.clock.now()).map_err(of_blob)?;
        Ok(jobs::collect_later(objects, tx, *blob)?)
    }
}

impl Objects {
    /// Takes the bytes of a stream in, and computes MD5 and the checksum that is expected, else the
    /// default one. `late` is asked, after the last byte, for a checksum that comes behind them.
    pub(crate) async fn take<E: Into<Fault>>(
        &self,
        stream: impl Stream<Item = Result<Bytes, E>>,
        expected: &Expected,
        late: impl FnOnce(Algorithm) -> Result<Option<String>, Fault>,
    ) -> Result<Taken, Fault> {
        pin_mut!(stream);
        let algorithm = expected.algorithm.unwrap_or(Algorithm::DEFAULT);
        let mut hashes = Hashes {
            size: 0,
            md5: Md5::new(),
            checksum: Hasher::new(algorithm),
            kept: expected.kept.map(Hasher::new),
        };
        let mut sink = Sink { objects: self, few: BytesMut::new(), upload: None };
        while let Some(bytes) = sink.beside(stream.next()).await? {
            let bytes = bytes.map_err(Into::into)?;
            hashes.update(&bytes)?;
            sink.write(bytes).await?;
        }
        let md5: [u8; 16] = hashes.md5.finalize().into();
        if expected.md5.is_some_and(|expected| expected != md5) {
            return Err(Error::BadDigest.into());
        }
        let checksum = hashes.checksum.finish();
        let said = match &expected.checksum {
            Some(value) => Some(value.clone()),
            None => late(algorithm)?,
        };
        if said.is_some_and(|said| said != checksum.value) {
            return Err(Error::BadChecksum(algorithm.name()).into());
        }
        let checksum = hashes.kept.map_or(checksum, Hasher::finish);
        let place = sink.finish().await?;
        Ok(Taken { size: hashes.size, md5: hex::encode(md5), checksum, place })
    }
}
