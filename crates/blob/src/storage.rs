//! Where the bytes lie.

use crate::{BlobId, Error, S3Place};
use object_store::{
    ObjectStore, ObjectStoreExt, PutPayload, WriteMultipart, local::LocalFileSystem, path::Path,
};
use std::{
    fs::{self, File},
    io,
    path::{Path as FilePath, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// A part of an upload to a folder, in bytes.
const LOCAL_PART_BYTES: usize = 1024 * 1024;
/// A part of an upload to an object storage, in bytes: the least that S3 allows, so that a blob of
/// [`MAX_BLOB_BYTES`](crate::MAX_BLOB_BYTES) has far fewer than the 10,000 that it may have.
const S3_PART_BYTES: usize = 5 * 1024 * 1024;

/// A folder or an object storage. A clone is the same.
#[derive(Clone)]
pub(crate) struct Storage {
    pub(crate) objects: Arc<dyn ObjectStore>,
    /// Uploads go there in parts of this many bytes.
    pub(crate) part_bytes: usize,
    /// If it is a folder of this host.
    folder: Option<Arc<Folder>>,
}

struct Folder {
    path: PathBuf,
    /// Which of the 256 folders in it are known to survive a loss of power.
    durable: [AtomicBool; 256],
}

impl Storage {
    /// A folder, which is made if it does not exist.
    pub(crate) fn local(folder: &FilePath) -> Result<Self, Error> {
        make_folder(folder).map_err(Error::Folder)?;
        let objects = LocalFileSystem::new_with_prefix(folder).map_err(Error::Storage)?;
        Ok(Self {
            // Without it an acknowledged blob would not survive a loss of power.
            objects: Arc::new(objects.with_fsync(true)),
            part_bytes: LOCAL_PART_BYTES,
            folder: Some(Arc::new(Folder {
                path: folder.to_owned(),
                durable: [const { AtomicBool::new(false) }; 256],
            })),
        })
    }

    /// A bucket, or what lies in it under a prefix.
    pub(crate) fn s3(place: &S3Place) -> Result<Self, Error> {
        Ok(Self { objects: place.connect()?, part_bytes: S3_PART_BYTES, folder: None })
    }

    /// Stores a whole blob in one step.
    pub(crate) async fn put(&self, id: BlobId, payload: PutPayload) -> Result<(), Error> {
        self.make_durable(id).await?;
        self.objects.put(&location(id), payload).await.map_err(Error::Storage)?;
        Ok(())
    }

    /// Begins a blob that comes in parts.
    pub(crate) async fn put_parts(&self, id: BlobId) -> Result<WriteMultipart, Error> {
        self.make_durable(id).await?;
        let upload = self.objects.put_multipart(&location(id)).await.map_err(Error::Storage)?;
        Ok(WriteMultipart::new_with_chunk_size(upload, self.part_bytes))
    }

    /// Deletes a blob and what an unfinished upload of it has left. A folder has forgotten it for
    /// good when it answers: a loss of power does not bring it back.
    pub(crate) async fn delete(&self, id: BlobId) -> Result<(), Error> {
        if let Some(folder) = &self.folder {
            let path = folder.path.join(location(id).as_ref());
            return blocking(move || delete_durably(&path)).await;
        }
        match self.objects.delete(&location(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(Error::Storage(error)),
        }
    }

    /// Makes the folder that a blob lies in, and its name durable: an upload syncs the name of a
    /// folder that it made itself, but not of one that another upload has just made.
    async fn make_durable(&self, id: BlobId) -> Result<(), Error> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let byte = usize::from(id.as_bytes()[0]);
        if folder.durable[byte].load(Ordering::Acquire) {
            return Ok(());
        }
        let (folder, path) = (folder.clone(), folder.path.join(format!("{byte:02x}")));
        blocking(move || {
            make_folder(&path)?;
            folder.durable[byte].store(true, Ordering::Release);
            Ok(())
        })
        .await
    }
}

/// 256 folders, so that none becomes too large to list.
pub(crate) fn location(id: BlobId) -> Path {
    let name = id.to_string();
    Path::from(format!("{}/{name}", &name[..2]))
}

/// Makes a folder durably. The folders that it lies in are made too, but only the nearest is synced.
fn make_folder(folder: &FilePath) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    sync_folder(folder.canonicalize()?.parent().unwrap_or(folder))
}

fn sync_folder(folder: &FilePath) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// An id is uploaded once, so that `object_store` has at most one unfinished file of it, which it
/// calls `<id>#1`.
fn delete_durably(path: &FilePath) -> io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push("#1");
    let folder = path.parent().expect("a blob lies in one of the 256 folders");
    let steps = [fs::remove_file(path), fs::remove_file(unfinished), sync_folder(folder)];
    let failed = |step: &io::Result<()>| {
        step.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::NotFound)
    };
    steps.into_iter().find(failed).unwrap_or(Ok(()))
}

async fn blocking(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<(), Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(Error::Folder)
}
