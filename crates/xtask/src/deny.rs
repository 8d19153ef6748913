//! Licences, bans and sources of everything that the build contains, as `deny.toml` says.
//!
//! The file is cargo-deny's own; this reads the part of it that we use from `cargo metadata`, in
//! a second, and refuses keys that it does not know.

mod licence;

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::metadata::{Metadata, Package};
use crate::workspace::Workspace;

const FILE: &str = "deny.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    graph: Graph,
    licenses: Licences,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Graph {
    targets: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Licences {
    allow: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Bans {
    multiple_versions: Level,
    wildcards: Level,
    allow_wildcard_paths: bool,
    deny: Vec<Banned>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Level {
    Allow,
    Warn,
    Deny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Banned {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Sources {
    unknown_registry: Level,
    unknown_git: Level,
    allow_registry: Vec<String>,
    allow_git: Vec<String>,
}

/// What was found: each with how much it matters.
type Findings = Vec<(Level, String)>;

/// Checks the whole build and fails if anything is denied.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let rules: Rules = toml::from_str(&workspace.read(FILE)?).context(FILE)?;
    let metadata = Metadata::all(workspace, &rules.graph.targets)?;
    let mut findings = Findings::new();
    for package in &metadata.packages {
        licences(&rules.licenses, package, &mut findings);
        bans(&rules.bans, package, &mut findings);
        sources(&rules.sources, package, &mut findings);
    }
    duplicates(&rules.bans, &metadata, &mut findings);
    findings.retain(|(level, _)| *level != Level::Allow);
    for (level, finding) in &findings {
        println!("{}: {finding}", if *level == Level::Deny { "denied" } else { "warning" });
    }
    let denied = findings.iter().filter(|(level, _)| *level == Level::Deny).count();
    if denied > 0 {
        bail!("{FILE}: {denied} things denied");
    }
    println!("deny: {} packages, licences, bans and sources in order", metadata.packages.len());
    Ok(())
}

fn licences(rules: &Licences, package: &Package, findings: &mut Findings) {
    let Some(expression) = &package.license else {
        findings.push((Level::Deny, format!("{} names no licence", shown(package))));
        return;
    };
    match licence::is_allowed(expression, &rules.allow) {
        Ok(true) => {}
        Ok(false) => findings.push((
            Level::Deny,
            format!("{} is under `{expression}`, which {FILE} does not allow", shown(package)),
        )),
        Err(error) => findings.push((Level::Deny, format!("{}: {error}", shown(package)))),
    }
}

fn bans(rules: &Bans, package: &Package, findings: &mut Findings) {
    if let Some(banned) = rules.deny.iter().find(|banned| banned.name == package.name) {
        findings.push((Level::Deny, format!("{} is banned: {}", shown(package), banned.reason)));
    }
    let is_ours = package.source.is_none();
    for dependency in package.dependencies.iter().filter(|used| is_ours && used.req == "*") {
        if dependency.path.is_none() || !rules.allow_wildcard_paths {
            let what = format!("{} asks for any version of {}", shown(package), dependency.name);
            findings.push((rules.wildcards, what));
        }
    }
}

fn sources(rules: &Sources, package: &Package, findings: &mut Findings) {
    let Some(source) = &package.source else { return };
    let (kind, url) = source.split_once('+').unwrap_or(("", source));
    let (level, allowed) = match kind {
        "registry" | "sparse" => (rules.unknown_registry, &rules.allow_registry),
        _ => (rules.unknown_git, &rules.allow_git),
    };
    let url = url.split(['?', '#']).next().unwrap_or(url);
    if !allowed.iter().any(|known| known == url) {
        findings.push((level, format!("{} comes from {source}", shown(package))));
    }
}

fn duplicates(rules: &Bans, metadata: &Metadata, findings: &mut Findings) {
    let mut versions = BTreeMap::<&str, Vec<&str>>::new();
    for package in &metadata.packages {
        versions.entry(&package.name).or_default().push(&package.version);
    }
    for (name, versions) in versions.iter().filter(|(_, versions)| versions.len() > 1) {
        let what = format!("{name} is built {} times: {}", versions.len(), versions.join(", "));
        findings.push((rules.multiple_versions, what));
    }
}

fn shown(package: &Package) -> String {
    format!("{} {}", package.name, package.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = r#"
        [graph]
        targets = []
        [licenses]
        allow = ["MIT"]
        [bans]
        multiple-versions = "warn"
        wildcards = "deny"
        allow-wildcard-paths = true
        deny = [{ crate = "openssl", reason = "no C" }]
        [sources]
        unknown-registry = "deny"
        unknown-git = "deny"
        allow-registry = ["https://github.com/rust-lang/crates.io-index"]
        allow-git = []
    "#;

    fn package(name: &str, licence: Option<&str>, source: Option<&str>) -> Package {
        Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            license: licence.map(str::to_owned),
            source: source.map(str::to_owned),
            manifest_path: String::new(),
            dependencies: Vec::new(),
        }
    }

    fn findings(package: &Package) -> Vec<String> {
        let rules: Rules = toml::from_str(RULES).unwrap();
        let mut findings = Findings::new();
        licences(&rules.licenses, package, &mut findings);
        bans(&rules.bans, package, &mut findings);
        sources(&rules.sources, package, &mut findings);
        findings.into_iter().map(|(_, finding)| finding).collect()
    }

    const CRATES_IO: Option<&str> = Some("registry+https://github.com/rust-lang/crates.io-index");

    #[test]
    fn a_package_under_an_allowed_licence_from_the_registry_is_in_order() {
        assert_eq!(
            findings(&package("a", Some("MIT OR GPL-3.0"), CRATES_IO)),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_licence_that_is_missing_or_not_allowed_is_denied() {
        assert_eq!(findings(&package("a", None, CRATES_IO)), ["a 1.0.0 names no licence"]);
        let expected = ["a 1.0.0 is under `GPL-3.0`, which deny.toml does not allow"];
        assert_eq!(findings(&package("a", Some("GPL-3.0"), CRATES_IO)), expected);
    }

    #[test]
    fn a_banned_package_and_an_unknown_source_are_denied() {
        let expected = ["openssl 1.0.0 is banned: no C"];
        assert_eq!(findings(&package("openssl", Some("MIT"), CRATES_IO)), expected);
        let source = "git+https://example.com/a?branch=main#0123";
        let expected = [format!("a 1.0.0 comes from {source}")];
        assert_eq!(findings(&package("a", Some("MIT"), Some(source))), expected);
    }

    #[test]
    fn the_checked_in_rules_are_understood() {
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../deny.toml"));
        toml::from_str::<Rules>(&text.unwrap()).unwrap();
    }
}
