use crate::{
    Error, Observer, Page, Progress, Source, block,
    manifest::{BlobLine, FORMAT, FilePart, INDEX, MANIFEST, Manifest},
};
use bytes::Bytes;
use futures_util::TryStreamExt;
use service::records::Referred;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeSet, HashSet},
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};
use types::Timestamp;

/// A file of entries ends when it has this many bytes.
const PART_BYTES: u64 = 8 * 1024 * 1024;

/// Writes a backup of a source into a folder, which must be empty or not be there. It is durable
/// when this answers; before that the folder has no manifest, and is no backup.
///
/// It reads and writes files on this thread.
///
/// # Errors
/// The source's; [`Error::Refused`] if the folder holds something; [`Error::File`].
pub async fn save(
    source: &dyn Source,
    folder: &Path,
    now: Timestamp,
    observer: Observer<'_>,
) -> Result<Progress, Error> {
    let mut writer = Writer::begin(folder)?;
    let mut progress = Progress::default();
    let blobs = writer.entries(source, &mut progress, observer).await?;
    let index = writer.blobs(source, &blobs, &mut progress, observer).await?;
    let manifest = Manifest {
        format: FORMAT,
        created: now.to_iso8601(),
        head: source.head(),
        entries: progress.entries,
        blobs: progress.blobs,
        blob_bytes: blobs.iter().map(|blob| blob.stored_bytes).sum(),
        index,
        parts: std::mem::take(&mut writer.parts),
    };
    writer.finish(manifest)?;
    Ok(progress)
}

struct Writer {
    folder: PathBuf,
    parts: Vec<FilePart>,
    /// Folders whose names are not synced yet.
    folders: BTreeSet<PathBuf>,
}

impl Writer {
    fn begin(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(Error::file(folder))?;
        let mut found = fs::read_dir(folder).map_err(Error::file(folder))?;
        if found.next().is_some() {
            return Err(Error::Refused(format!("{} is not empty", folder.display())));
        }
        let mut writer =
            Self { folder: folder.to_owned(), parts: Vec::new(), folders: BTreeSet::new() };
        writer.make_folder("store")?;
        writer.make_folder("blobs")?;
        Ok(writer)
    }

    fn make_folder(&mut self, name: &str) -> Result<(), Error> {
        let path = self.folder.join(name);
        fs::create_dir_all(&path).map_err(Error::file(&path))?;
        self.folders.insert(path);
        Ok(())
    }

    /// Writes the entries; the answer is the blobs that they refer to.
    async fn entries(
        &mut self,
        source: &dyn Source,
        progress: &mut Progress,
        observer: Observer<'_>,
    ) -> Result<Vec<Referred>, Error> {
        let (mut seen, mut blobs) = (HashSet::new(), Vec::new());
        let (mut part, mut cursor) = (None, None::<Bytes>);
        loop {
            let page = source.page(cursor.as_deref()).await?;
            let file = match &mut part {
                Some(file) => file,
                none => none.insert(self.part()?),
            };
            let bytes = block::encode(&page);
            file.write(&bytes)?;
            if file.bytes >= PART_BYTES
                && let Some(file) = part.take()
            {
                self.parts.push(file.finish()?);
            }
            let Page { entries, blobs: found, next } = page;
            blobs.extend(found.into_iter().filter(|blob| seen.insert(blob.id)));
            progress.entries += entries.len() as u64;
            progress.bytes += bytes.len() as u64;
            progress.blobs_known = blobs.len() as u64;
            observer(progress);
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        if let Some(file) = part {
            self.parts.push(file.finish()?);
        }
        Ok(blobs)
    }

    fn part(&self) -> Result<Hashed, Error> {
        Hashed::create(&self.folder, format!("store/{:06}.part", self.parts.len()))
    }

    /// Writes the blobs and their index.
    async fn blobs(
        &mut self,
        source: &dyn Source,
        blobs: &[Referred],
        progress: &mut Progress,
        observer: Observer<'_>,
    ) -> Result<FilePart, Error> {
        let mut index = Hashed::create(&self.folder, INDEX.to_owned())?;
        for blob in blobs {
            let id = blob.id.to_string();
            self.make_folder(&format!("blobs/{}", &id[..2]))?;
            let mut file = Hashed::create(&self.folder, format!("blobs/{}/{id}", &id[..2]))?;
            let mut stored = source.blob(blob.id).await?;
            while let Some(bytes) = stored.stream.try_next().await? {
                file.write(&bytes)?;
                progress.bytes += bytes.len() as u64;
                observer(progress);
            }
            let FilePart { bytes, sha256, .. } = file.finish()?;
            if bytes != blob.stored_bytes || bytes != stored.bytes {
                let expected = blob.stored_bytes;
                return Err(Error::Short { id: blob.id, read: bytes, expected });
            }
            let line = serde_json::to_string(&BlobLine { id, bytes, sha256 });
            let line = line.map_err(|error| Error::Damaged(error.to_string()))?;
            index.write(format!("{line}\n").as_bytes())?;
            progress.blobs += 1;
            observer(progress);
        }
        index.finish()
    }

    /// Syncs the names of everything, then writes the manifest.
    fn finish(self, manifest: Manifest) -> Result<(), Error> {
        for folder in self.folders.iter().chain([&self.folder]) {
            sync_folder(folder)?;
        }
        let (path, unfinished) =
            (self.folder.join(MANIFEST), self.folder.join(format!("{MANIFEST}.new")));
        let mut file = File::create(&unfinished).map_err(Error::file(&unfinished))?;
        file.write_all(&manifest.encode()?)
            .and_then(|()| file.sync_all())
            .map_err(Error::file(&unfinished))?;
        fs::rename(&unfinished, &path).map_err(Error::file(&path))?;
        sync_folder(&self.folder)?;
        let whole = self.folder.canonicalize().map_err(Error::file(&self.folder))?;
        whole.parent().map_or(Ok(()), sync_folder)
    }
}

fn sync_folder(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::file(folder))
}

/// A file that is hashed while it is written.
struct Hashed {
    file: File,
    path: PathBuf,
    name: String,
    hash: Sha256,
    bytes: u64,
}

impl Hashed {
    fn create(folder: &Path, name: String) -> Result<Self, Error> {
        let path = folder.join(&name);
        let file = File::create_new(&path).map_err(Error::file(&path))?;
        Ok(Self { file, path, name, hash: Sha256::new(), bytes: 0 })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_all(bytes).map_err(Error::file(&self.path))?;
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    fn finish(self) -> Result<FilePart, Error> {
        self.file.sync_all().map_err(Error::file(&self.path))?;
        let sha256 = hex::encode(self.hash.finalize());
        Ok(FilePart { name: self.name, bytes: self.bytes, sha256 })
    }
}
