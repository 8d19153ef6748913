//! Every crate's `Cargo.toml`: its folder's name, the shared lints, and where `anyhow` may be.

use std::path::Path;

use anyhow::Result;

use super::Finding;
use crate::metadata::{Metadata, Package};
use crate::workspace::Workspace;

/// The crates whose errors are read by people only, never matched on.
const ANYHOW: &[&str] =
    &["pileus", "xtask", "bench", "testkit", "kv-conformance", "conformance", "e2e"];

/// Checks all manifests.
pub(crate) fn check(workspace: &Workspace, metadata: &Metadata) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for package in &metadata.packages {
        let path = manifest_path(workspace, package);
        if path != format!("crates/{}/Cargo.toml", package.name) {
            let what = format!("crate `{}` does not live in crates/{0}", package.name);
            findings.push(Finding::new(&path, 1, what, "name the folder as the crate"));
        }
        if !shares_lints(&workspace.read(&path)?) {
            let fix = "add `[lints]` with `workspace = true`";
            findings.push(Finding::new(&path, 1, "the workspace's lints do not apply here", fix));
        }
        let uses_anyhow =
            package.dependencies.iter().any(|used| used.name == "anyhow" && !used.is_dev());
        if uses_anyhow && !ANYHOW.contains(&package.name.as_str()) {
            let line = dependency_line(workspace, package, "anyhow")?;
            let what = format!("`{}` may not use anyhow", package.name);
            let fix = "give the crate its own error enum (thiserror), or use it in tests only";
            findings.push(Finding::new(&path, line, what, fix));
        }
    }
    Ok(findings)
}

/// A package's manifest, relative to the root.
pub(crate) fn manifest_path(workspace: &Workspace, package: &Package) -> String {
    let path = Path::new(&package.manifest_path);
    path.strip_prefix(workspace.root()).unwrap_or(path).display().to_string()
}

/// The line of a package's manifest that names the dependency, counted from 1.
pub(crate) fn dependency_line(
    workspace: &Workspace,
    package: &Package,
    name: &str,
) -> Result<usize> {
    let text = workspace.read(&manifest_path(workspace, package))?;
    let names =
        |line: &str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', ' ', '=']));
    Ok(text.lines().position(names).map_or(1, |index| index + 1))
}

fn shares_lints(manifest: &str) -> bool {
    let mut lines = manifest.lines().map(str::trim);
    lines.any(|line| line == "[lints]") && lines.next() == Some("workspace = true")
}
