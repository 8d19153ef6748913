//! Brings interpreters, runtime clients and SDKs into the runtimes folder, pinned by hash.

mod command;
mod error;
mod node;
mod pins;
mod publish;
mod python;

pub use error::InstallError;
pub(super) use pins::NODE_RUNTIME;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

/// Is told what an installation does.
pub trait Progress: Send + Sync {
    /// A step begins: `Python 3.11: AWS runtime client and boto3`.
    fn begin(&self, step: &str);
    /// The step has ended well; `fresh` is false if there was nothing to do.
    fn done(&self, step: &str, fresh: bool);
}

/// What to install, and from what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Python releases such as `(3, 12)`; `None` is every one that this host has.
    pub pythons: Option<Vec<(u32, u32)>>,
    /// Major versions of Node to download: 22 and 24 are known. The host's own is used as well.
    pub nodes: Vec<u32>,
    /// Folders of the host that may hold interpreters.
    pub search: Vec<PathBuf>,
}

impl Selection {
    /// Every Python of this host, the host's Node, and Node 22. `home` is the user's folder, where
    /// pyenv and uv keep interpreters.
    #[must_use]
    pub fn everything(home: Option<&Path>) -> Self {
        let mut search = vec![PathBuf::from("/usr/bin"), PathBuf::from("/usr/local/bin")];
        for versions in [".pyenv/versions", ".local/share/uv/python"] {
            let Some(home) = home else { break };
            let Ok(entries) = fs::read_dir(home.join(versions)) else { continue };
            let mut folders: Vec<PathBuf> =
                entries.flatten().map(|entry| entry.path().join("bin")).collect();
            folders.sort();
            search.extend(folders);
        }
        Self { pythons: None, nodes: vec![22], search }
    }
}

/// Installs what the selection names and is not there yet. Blocks, for a minute or so the first
/// time. Installations into the same folder wait for one another; one that is broken off leaves
/// nothing that counts as installed.
///
/// # Errors
/// A tool of the host is missing, a download failed or is not what was pinned, or the folder
/// cannot be written.
pub fn install(
    runtimes: &Path,
    selection: &Selection,
    progress: &dyn Progress,
) -> Result<(), InstallError> {
    fs::create_dir_all(runtimes).map_err(InstallError::folder(runtimes))?;
    let lock = File::create(runtimes.join(".lock")).map_err(InstallError::folder(runtimes))?;
    lock.lock().map_err(InstallError::folder(runtimes))?;
    publish::remove_unfinished(runtimes);
    python::install(runtimes, selection, progress)?;
    node::install(runtimes, selection, progress)
}
