use crate::{
    Error, Head, Observer, Page, Progress, Source, StoredBlob, block,
    manifest::{BlobLine, FilePart, MANIFEST, Manifest},
};
use blob::BlobId;
use bytes::Bytes;
use futures_util::{StreamExt, future::BoxFuture, stream};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// How much of a file is read at once, in bytes.
const READ_BYTES: usize = 256 * 1024;

/// A backup in a folder, every file of which was found to be what was written.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    manifest: Manifest,
    blobs: HashMap<BlobId, FilePart>,
}

impl Folder {
    /// Opens a backup and reads all of it, to find what is damaged before anything is done with it.
    ///
    /// # Errors
    /// [`Error::Refused`] if it is no backup, or one of another format; [`Error::Damaged`] names
    /// the file; [`Error::File`].
    pub fn open(path: &Path, observer: Observer<'_>) -> Result<Self, Error> {
        let manifest = match fs::read(path.join(MANIFEST)) {
            Ok(text) => Manifest::decode(&text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::Refused(format!(
                    "{} is no backup, or one that did not come to its end: it has no {MANIFEST}",
                    path.display()
                )));
            }
            Err(source) => return Err(Error::File { path: path.join(MANIFEST), source }),
        };
        let mut folder = Self { path: path.to_owned(), manifest, blobs: HashMap::new() };
        folder.verify(observer)?;
        Ok(folder)
    }

    fn verify(&mut self, observer: Observer<'_>) -> Result<(), Error> {
        let mut progress = Progress { blobs_known: self.manifest.blobs, ..Progress::default() };
        for part in &self.manifest.parts {
            progress.bytes += self.verify_file(part)?;
            observer(&progress);
        }
        self.verify_file(&self.manifest.index)?;
        self.blobs = self.read_index()?;
        if self.blobs.len() as u64 != self.manifest.blobs {
            return Err(Error::Damaged("the index of blobs is of another backup".to_owned()));
        }
        for part in self.blobs.values() {
            progress.bytes += self.verify_file(part)?;
            progress.blobs += 1;
            observer(&progress);
        }
        Ok(())
    }

    fn read_index(&self) -> Result<HashMap<BlobId, FilePart>, Error> {
        let path = self.path.join(&self.manifest.index.name);
        let text = fs::read_to_string(&path).map_err(Error::file(&path))?;
        let blob = |line: &str| {
            let line: BlobLine = serde_json::from_str(line).ok()?;
            let id: BlobId = line.id.parse().ok()?;
            let name = id.to_string();
            let name = format!("blobs/{}/{name}", &name[..2]);
            Some((id, FilePart { name, bytes: line.bytes, sha256: line.sha256 }))
        };
        let damaged = || Error::Damaged(format!("{}: a line is no blob", path.display()));
        text.lines().map(|line| blob(line).ok_or_else(damaged)).collect()
    }

    /// Reads a file and compares; the answer is its size.
    fn verify_file(&self, part: &FilePart) -> Result<u64, Error> {
        let damaged = |how: &str| Error::Damaged(format!("{} {how}", part.name));
        let path = self.path.join(&part.name);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(damaged("is missing"));
            }
            Err(source) => return Err(Error::File { path, source }),
        };
        let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; READ_BYTES]);
        loop {
            match file.read(&mut buffer).map_err(Error::file(&path))? {
                0 => break,
                read => {
                    hash.update(&buffer[..read]);
                    bytes += read as u64;
                }
            }
        }
        if bytes != part.bytes || hex::encode(hash.finalize()) != part.sha256 {
            return Err(damaged("is not what was written"));
        }
        Ok(bytes)
    }

    fn read_part(&self, index: u32) -> Result<Page, Error> {
        let Some(part) = self.manifest.parts.get(index as usize) else {
            return Ok(Page::default());
        };
        let path = self.path.join(&part.name);
        let bytes = fs::read(&path).map_err(Error::file(&path))?;
        let mut page = block::decode(bytes.into())?;
        let more = (index as usize) + 1 < self.manifest.parts.len();
        page.next = more.then(|| Bytes::copy_from_slice(&(index + 1).to_be_bytes()));
        Ok(page)
    }

    fn open_blob(&self, id: BlobId) -> Result<StoredBlob, Error> {
        let missing = || Error::Damaged(format!("the index of blobs does not have {id}"));
        let part = self.blobs.get(&id).ok_or_else(missing)?;
        let path = self.path.join(&part.name);
        let file = File::open(&path).map_err(Error::file(&path))?;
        let stream = stream::try_unfold((file, path), |(mut file, path)| async move {
            let mut buffer = vec![0; READ_BYTES];
            let read = file.read(&mut buffer).map_err(Error::file(&path))?;
            buffer.truncate(read);
            Ok((read > 0).then(|| (Bytes::from(buffer), (file, path))))
        });
        Ok(StoredBlob { bytes: part.bytes, stream: stream.boxed() })
    }
}

impl Source for Folder {
    fn head(&self) -> Head {
        self.manifest.head.clone()
    }

    fn page<'a>(&'a self, cursor: Option<&'a [u8]>) -> BoxFuture<'a, Result<Page, Error>> {
        let index = cursor.map_or(Some(0), |cursor| cursor.try_into().ok().map(u32::from_be_bytes));
        let unknown = || Error::Damaged("no part begins there".to_owned());
        Box::pin(async move { self.read_part(index.ok_or_else(unknown)?) })
    }

    fn blob(&self, id: BlobId) -> BoxFuture<'_, Result<StoredBlob, Error>> {
        Box::pin(async move { self.open_blob(id) })
    }
}
