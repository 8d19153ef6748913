//! Where things are: the workspace root and the folder that test tools live in.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The checkout that this command was built from.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Finds the checkout: two folders above this crate.
    pub(crate) fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .nth(2)
            .context("crates/xtask has no workspace above it")?;
        Ok(Self { root: root.to_owned() })
    }

    /// The folder that holds the root `Cargo.toml`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder for everything that chores and tests download: `$PILEUS_TEST_TOOLS`, else
    /// `target/tools` in the checkout.
    pub(crate) fn tools(&self) -> PathBuf {
        #[expect(clippy::disallowed_methods, reason = "the one setting of this tool")]
        match std::env::var_os("PILEUS_TEST_TOOLS") {
            Some(folder) => self.root.join(folder),
            None => self.root.join("target/tools"),
        }
    }
}
