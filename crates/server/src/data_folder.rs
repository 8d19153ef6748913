//! The data folder: what lies in it beside the store.
//!
//! ```text
//! store/            the embedded store
//! blobs/            large bytes
//! cache/            what can be made again: unpacked code
//! runtimes/         interpreters
//! master.key        the key that secrets in the store are encrypted with
//! node.lock         locked by the node, where the store is in a database
//! metrics.token     what a scraper of metrics sends, where metrics are served
//! credentials.json  where this installation is and the root's access key, for `pileus env`
//! ```

use crate::Error;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};
use types::{AccountId, Region, Secret};

/// Where an installation is and who may enter: the content of `credentials.json`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Access {
    /// The URL of the endpoint.
    pub endpoint: String,
    /// The root's access key.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
    /// The region.
    pub region: Region,
    /// The account.
    pub account: AccountId,
}

/// The shortest token that a person may put into `metrics.token`, in characters.
const MIN_TOKEN: usize = 16;

/// The data folder of one node.
pub(crate) struct DataFolder(PathBuf);

impl DataFolder {
    /// Opens the folder, making what is missing. Only its owner may enter.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        make_folder(path)?;
        let path = fs::canonicalize(path)
            .map_err(|source| Error::Folder { path: path.to_owned(), source })?;
        Ok(Self(path))
    }

    /// A folder that is there.
    pub(crate) fn existing(path: &Path) -> Result<Self, Error> {
        let path = fs::canonicalize(path)
            .map_err(|source| Error::Folder { path: path.to_owned(), source })?;
        Ok(Self(path))
    }

    /// The master key, which must be there, and its file.
    pub(crate) fn existing_key(
        &self,
        configured: Option<&Path>,
    ) -> Result<(PathBuf, [u8; 32]), Error> {
        let path = configured.map_or_else(|| self.0.join("master.key"), Path::to_owned);
        match fs::read_to_string(&path) {
            Ok(text) => Ok((path.clone(), parse_key(&path, &text)?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Error::Content {
                path,
                reason: "the master key of the old installation is needed: put it there, or name \
                         it with --master-key"
                    .to_owned(),
            }),
            Err(source) => Err(Error::Folder { path, source }),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.0.join("store")
    }

    pub(crate) fn runtimes(&self) -> PathBuf {
        self.0.join("runtimes")
    }

    /// The master key; a new one if there is none and the store is new. `random` is what a new one is
    /// made of.
    pub(crate) fn master_key(
        &self,
        configured: Option<&Path>,
        is_new: bool,
        random: [u8; 32],
    ) -> Result<[u8; 32], Error> {
        let path = configured.map_or_else(|| self.0.join("master.key"), Path::to_owned);
        match fs::read_to_string(&path) {
            Ok(text) => parse_key(&path, &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && configured.is_none() => {
                if self.store().exists() || !is_new {
                    return Err(Error::Content {
                        path,
                        reason: "the key is not there, but the store is: secrets cannot be read \
                                 without it; put the key back, or name it with --master-key"
                            .to_owned(),
                    });
                }
                write_private(&path, hex::encode(random).as_bytes())?;
                Ok(random)
            }
            Err(source) => Err(Error::Folder { path, source }),
        }
    }

    /// The token for scrapers; a new one if there is none. `random` is what a new one is made of.
    pub(crate) fn metrics_token(&self, random: [u8; 32]) -> Result<Secret, Error> {
        let path = self.0.join("metrics.token");
        match fs::read_to_string(&path) {
            Ok(text) if text.trim().len() >= MIN_TOKEN => Ok(Secret::new(text.trim())),
            Ok(_) => Err(Error::Content {
                path,
                reason: format!(
                    "a token has at least {MIN_TOKEN} characters; remove the file for a new one"
                ),
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let token = hex::encode(random);
                write_private(&path, token.as_bytes())?;
                Ok(Secret::new(token))
            }
            Err(source) => Err(Error::Folder { path, source }),
        }
    }

    /// Writes `credentials.json`.
    pub(crate) fn write_access(&self, access: &Access) -> Result<(), Error> {
        let path = self.0.join("credentials.json");
        let text = serde_json::to_vec_pretty(access)
            .map_err(|error| Error::Content { path: path.clone(), reason: error.to_string() })?;
        write_private(&path, &text)
    }
}

impl Access {
    pub(crate) fn new(
        endpoint: &str,
        key: (String, &Secret),
        region: &Region,
        account: &AccountId,
    ) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            access_key_id: key.0,
            secret_access_key: key.1.expose().to_owned(),
            region: region.clone(),
            account: account.clone(),
        }
    }
}

fn parse_key(path: &Path, text: &str) -> Result<[u8; 32], Error> {
    let bytes = hex::decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| Error::Content {
        path: path.to_owned(),
        reason: "a master key is 64 hexadecimal digits".to_owned(),
    })
}

fn make_folder(path: &Path) -> Result<(), Error> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|source| Error::Folder { path: path.to_owned(), source })
}

/// Writes a file that only its owner may read, whole or not at all, and durably.
fn write_private(path: &Path, content: &[u8]) -> Result<(), Error> {
    let failed = |source| Error::Folder { path: path.to_owned(), source };
    let temporary = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&temporary).map_err(failed)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&temporary, path).map_err(failed)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_master_key_is_made_once_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::open(&folder.path().join("data")).unwrap();
        assert_eq!(data.master_key(None, true, [1; 32]).unwrap(), [1; 32]);
        assert_eq!(data.master_key(None, true, [2; 32]).unwrap(), [1; 32]);
        let mode = fs::metadata(data.path().join("master.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn the_token_of_scrapers_is_made_once_and_a_short_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::open(folder.path()).unwrap();
        let token = data.metrics_token([1; 32]).unwrap();
        assert_eq!((token.expose().len(), data.metrics_token([2; 32]).unwrap()), (64, token));
        let path = data.path().join("metrics.token");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, "short\n").unwrap();
        assert!(data.metrics_token([1; 32]).unwrap_err().to_string().contains("16 characters"));
    }

    #[test]
    fn a_store_without_its_master_key_is_not_opened_with_another() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::open(folder.path()).unwrap();
        fs::create_dir(data.store()).unwrap();
        let error = data.master_key(None, true, [1; 32]).unwrap_err();
        assert!(error.to_string().contains("put the key back"), "{error}");
        let other = DataFolder::open(&folder.path().join("other")).unwrap();
        assert!(other.master_key(None, false, [1; 32]).is_err());
    }
}
