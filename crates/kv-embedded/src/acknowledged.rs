use std::path::Path;

use kv::Error;

use crate::disk::{Disk, DiskFile};
use crate::folder::{io_error, read};

const FILE: &str = "acknowledged";
const SALT: u32 = 0x5eed_ac4d;

/// The side file: the last acknowledged version, as a low bound of what the store must hold.
///
/// It is written after every batch and synced only now and then. Lost writes only lower the bound;
/// a process that was killed loses none.
pub(crate) struct Acknowledged {
    file: Box<dyn DiskFile>,
}

impl Acknowledged {
    /// Makes the side file of an empty store.
    pub(crate) fn create(disk: &dyn Disk, folder: &Path) -> Result<(), Error> {
        let path = folder.join(FILE);
        let mut file = disk.create(&path).map_err(|error| io_error(&path, &error))?;
        let mut write = || {
            file.append(&encode(0))?;
            file.sync()
        };
        write().map_err(|error| io_error(&path, &error))
    }

    /// The bound, and the file to raise it.
    pub(crate) fn open(disk: &dyn Disk, folder: &Path) -> Result<(Self, u64), Error> {
        let path = folder.join(FILE);
        let bytes = read(&path)?;
        let version = decode(&bytes)
            .ok_or_else(|| Error::Corrupt(format!("{} does not hold a version", path.display())))?;
        let file = disk.append(&path, bytes.len() as u64);
        let file = file.map_err(|error| io_error(&path, &error))?;
        Ok((Self { file }, version))
    }

    /// Raises the bound to `version`, which is durable.
    pub(crate) fn set(&mut self, version: u64) -> std::io::Result<()> {
        self.file.overwrite(&encode(version))
    }

    /// Makes the bound itself durable.
    pub(crate) fn sync(&mut self) -> std::io::Result<()> {
        self.file.sync()
    }
}

fn encode(version: u64) -> [u8; 12] {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&version.to_le_bytes());
    let checksum = crc32fast::hash(&bytes[..8]) ^ SALT;
    bytes[8..].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

fn decode(bytes: &[u8]) -> Option<u64> {
    let bytes: &[u8; 12] = bytes.try_into().ok()?;
    let version = u64::from_le_bytes(*bytes.first_chunk()?);
    (encode(version) == *bytes).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_version_with_its_checksum_is_one() {
        assert_eq!(decode(&encode(77)), Some(77));
        assert_eq!(decode(&[0; 12]), None);
        assert_eq!(decode(&encode(77)[..11]), None);
        let mut changed = encode(77);
        changed[0] ^= 1;
        assert_eq!(decode(&changed), None);
    }
}
