use super::identifier::Family;
use runtime::{Substitution, sandbox::Mount};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The file that describes an interpreter, in its component's folder.
const DESCRIPTION: &str = "interpreter.json";

/// An interpreter: what its component's folder says about it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Component {
    pub(super) family: Family,
    /// `[3, 11]` or `[22]`.
    pub(super) release: Vec<u32>,
    /// The full version.
    pub(super) version: String,
    /// The program on the host.
    pub(super) program: PathBuf,
    /// The program inside a sandbox.
    pub(super) inside: String,
    /// Folders of the host that it needs, beyond the base system: seen at the same path unless
    /// said otherwise.
    pub(super) mounts: Vec<(PathBuf, String)>,
    /// Its own component folder, where its client lies.
    #[serde(skip)]
    pub(super) folder: PathBuf,
}

impl Component {
    /// Whether the program is still there: hosts upgrade their interpreters.
    pub(super) fn is_usable(&self) -> bool {
        self.program.is_file()
    }

    pub(super) fn mounts(&self) -> Vec<Mount> {
        let mount = |(source, target): &(PathBuf, String)| Mount {
            source: source.clone(),
            target: target.clone(),
        };
        self.mounts.iter().map(mount).collect()
    }

    pub(super) fn substitution(&self, runtime: &str, wanted: &[u32]) -> Option<Substitution> {
        (self.release != wanted).then(|| Substitution {
            wanted: runtime.into(),
            used: format!("{} {}", self.family.title(), self.version),
        })
    }

    /// Writes the description into a component that is being made.
    pub(super) fn describe(&self, folder: &Path) -> io::Result<()> {
        fs::write(folder.join(DESCRIPTION), serde_json::to_vec_pretty(self)?)
    }
}

/// Every interpreter in a runtimes folder. What cannot be read is not there.
pub(super) fn list(runtimes: &Path) -> Vec<Component> {
    let Ok(entries) = fs::read_dir(runtimes) else { return Vec::new() };
    let read = |folder: PathBuf| {
        let text = fs::read(folder.join(DESCRIPTION)).ok()?;
        let component: Component = serde_json::from_slice(&text).ok()?;
        Some(Component { folder, ..component })
    };
    // Names with a dot in front are being made.
    let visible =
        entries.flatten().filter(|it| !it.file_name().as_encoded_bytes().starts_with(b"."));
    visible.filter_map(|entry| read(entry.path())).collect()
}
