//! What `cargo metadata` says, as far as the checks need it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::process;
use crate::workspace::Workspace;

/// The packages of the workspace, or of the whole build.
#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    /// Where builds go.
    pub(crate) target_directory: PathBuf,
}

/// One package.
#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    /// Where it comes from; none if it is ours.
    pub(crate) source: Option<String>,
    pub(crate) manifest_path: String,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a package's dependencies.
#[derive(Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) req: String,
    /// `dev`, `build`, or none.
    pub(crate) kind: Option<String>,
    /// Its folder, if it is ours.
    pub(crate) path: Option<String>,
}

impl Dependency {
    /// Whether only tests, examples and benchmarks see it.
    pub(crate) fn is_dev(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}

impl Metadata {
    /// Our own packages. Needs no network.
    pub(crate) fn own(workspace: &Workspace) -> Result<Self> {
        Self::read(workspace, &["--no-deps".to_owned()])
    }

    /// Every package that a build for one of the platforms contains.
    pub(crate) fn all(workspace: &Workspace, platforms: &[String]) -> Result<Self> {
        let filters: Vec<_> =
            platforms.iter().map(|platform| format!("--filter-platform={platform}")).collect();
        Self::read(workspace, &filters)
    }

    fn read(workspace: &Workspace, arguments: &[String]) -> Result<Self> {
        let mut cargo = Command::new("cargo");
        cargo.args(["metadata", "--format-version=1"]).args(arguments);
        let text = process::output(cargo.current_dir(workspace.root()))?;
        serde_json::from_str(&text).context("cannot parse the output of cargo metadata")
    }
}
