use crate::{Config, Error, data_folder::DataFolder};
use blob::{Blobs, S3Place};
use kv::Store;
use std::path::PathBuf;

/// Where large bytes are.
pub(crate) enum BlobPlace {
    Folder(PathBuf),
    S3(S3Place),
}

impl BlobPlace {
    /// What the configuration names. Nodes that share a store must share the blobs too, so somebody
    /// has to say where.
    pub(crate) fn find(config: &Config, folder: &DataFolder) -> Result<Self, Error> {
        match (&config.blobs, &config.store) {
            (Some(place), _) => match place.to_str().filter(|place| place.starts_with("s3://")) {
                Some(url) => Self::s3(config, url),
                None => Ok(Self::Folder(place.clone())),
            },
            (None, None) => Ok(Self::Folder(folder.path().join("blobs"))),
            (None, Some(_)) => Err(refused(
                "with a store in a database, say where blobs are: --blobs s3://bucket/prefix, or \
                 --blobs FOLDER on a disk that all nodes share",
            )),
        }
    }

    fn s3(config: &Config, url: &str) -> Result<Self, Error> {
        let (Some(id), Some(secret)) =
            (&config.blobs_access_key_id, &config.blobs_secret_access_key)
        else {
            return Err(refused(
                "the access key of the object storage is missing: set \
                 PILEUS_BLOBS_ACCESS_KEY_ID and PILEUS_BLOBS_SECRET_ACCESS_KEY",
            ));
        };
        let region = config.blobs_region.clone();
        Ok(Self::S3(S3Place {
            url: url.to_owned(),
            endpoint: config.blobs_endpoint.clone(),
            region: region.unwrap_or_else(|| config.region.as_str().to_owned()),
            access_key_id: id.clone(),
            secret_access_key: secret.clone(),
        }))
    }

    /// The blobs there. A service chooses for each whether it is encrypted.
    pub(crate) fn open(&self, store: &Store, master_key: &[u8; 32]) -> Result<Blobs, Error> {
        let (store, tag) = (store.clone(), service::tag::BLOB);
        let blobs = match self {
            Self::Folder(folder) => Blobs::local(store, tag, folder),
            Self::S3(place) => Blobs::s3(store, tag, place),
        };
        let blobs = blobs.map_err(|error| refused(&error.to_string()))?;
        Ok(blobs.with_master_key(master_key, crate::server::ids()?))
    }
}

fn refused(reason: &str) -> Error {
    Error::Part { part: "blobs", reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Secret;

    fn find(config: &Config) -> Result<BlobPlace, Error> {
        let folder = tempfile::tempdir().unwrap();
        BlobPlace::find(config, &DataFolder::open(folder.path()).unwrap())
    }

    #[test]
    fn blobs_are_in_the_data_folder_unless_nodes_share_a_store() {
        let mut config = Config::default();
        let place = find(&config).unwrap();
        assert!(matches!(place, BlobPlace::Folder(path) if path.ends_with("blobs")));
        config.store = Some(Secret::new("postgres://me@db/x"));
        assert!(find(&config).is_err_and(|error| error.to_string().contains("--blobs")));
        config.blobs = Some("/mnt/shared".into());
        let place = find(&config).unwrap();
        assert!(matches!(place, BlobPlace::Folder(path) if path.ends_with("shared")));
    }

    #[test]
    fn an_object_storage_needs_its_own_key() {
        let mut config = Config { blobs: Some("s3://files/x".into()), ..Config::default() };
        let error = find(&config).err().unwrap().to_string();
        assert!(error.contains("PILEUS_BLOBS_ACCESS_KEY_ID"), "{error}");
        config.blobs_access_key_id = Some("id".to_owned());
        config.blobs_secret_access_key = Some(Secret::new("hunter2"));
        let BlobPlace::S3(place) = find(&config).unwrap() else { panic!("a folder") };
        assert_eq!((&*place.url, &*place.region), ("s3://files/x", "us-east-1"));
    }
}
