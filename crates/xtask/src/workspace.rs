//! Where things are: the workspace root and the folder that test tools live in.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

/// The checkout that this command was built from.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Finds the checkout: two folders above this crate.
    ///
    /// `cargo run` says at run time where the crate is. What was true at build time may be another
    /// clone's folder where clones share their build output.
    pub(crate) fn find() -> Result<Self> {
        let built_in = env!("CARGO_MANIFEST_DIR");
        let manifest = setting("CARGO_MANIFEST_DIR").unwrap_or_else(|| built_in.into());
        let root = manifest.ancestors().nth(2).context("crates/xtask has no workspace above it")?;
        Ok(Self { root: root.to_owned() })
    }

    /// The folder that holds the root `Cargo.toml`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Every file of the checkout that git tracks or would track, relative to the root, sorted.
    pub(crate) fn files(&self) -> Result<Vec<String>> {
        let mut git = Command::new("git");
        git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let listed = process::output(git.current_dir(&self.root))?;
        let mut files: Vec<String> = listed
            .split_terminator('\0')
            .filter(|path| self.root.join(path).is_file())
            .map(str::to_owned)
            .collect();
        files.sort();
        Ok(files)
    }

    /// Reads a file, named relative to the root.
    pub(crate) fn read(&self, path: &str) -> Result<String> {
        std::fs::read_to_string(self.root.join(path)).with_context(|| format!("cannot read {path}"))
    }

    /// The folder for everything that chores and tests download: `$PILEUS_TEST_TOOLS`, else
    /// `target/tools` in the checkout.
    pub(crate) fn tools(&self) -> PathBuf {
        match setting("PILEUS_TEST_TOOLS") {
            Some(folder) => self.root.join(folder),
            None => self.root.join("target/tools"),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this tool has no other configuration")]
fn setting(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from)
}
