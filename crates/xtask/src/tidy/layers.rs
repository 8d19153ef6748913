//! Edges go down only: the layers of the house as data, and the check of every edge.

use anyhow::Result;

use super::Finding;
use super::manifests::{dependency_line, manifest_path};
use crate::metadata::{Dependency, Metadata, Package};
use crate::workspace::Workspace;

/// Where a crate stands. An edge must lead from a higher layer to a lower one, so crates of one
/// layer never import each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    /// The shared vocabulary.
    Vocabulary,
    /// Time and entropy.
    Clock,
    /// Mechanisms that know no service.
    Mechanism,
    /// A mechanism that keeps its books in another one's store.
    Blob,
    /// Engines of the key-value interface.
    Store,
    /// What a service is, and what an execution environment is.
    Contract,
    /// The protocols.
    Wire,
    /// The path of one request; copies of everything.
    Dispatch,
    /// Services and engines: siblings that never import each other.
    Service,
    Engine,
    Client,
    Command,
    /// The composition root.
    Server,
    Main,
    /// Tests, benchmarks and chores.
    Dev,
}

const HOUSE: &[(Layer, &[&str])] = &[
    (Layer::Vocabulary, &["types"]),
    (Layer::Clock, &["clock"]),
    (Layer::Mechanism, &["kv", "sigv4", "policy", "pattern", "expression", "template", "egress"]),
    (Layer::Blob, &["blob"]),
    (Layer::Store, &["kv-embedded", "kv-postgres", "kv-memory"]),
    (Layer::Contract, &["service", "runtime"]),
    (Layer::Wire, &["wire"]),
    (Layer::Dispatch, &["dispatch", "backup"]),
    (Layer::Service, SERVICES),
    (Layer::Engine, &["runtime-process", "runtime-wasm", "router"]),
    (Layer::Client, &["client"]),
    (Layer::Command, &["cli", "console"]),
    (Layer::Server, &["server"]),
    (Layer::Main, &["pileus"]),
    (Layer::Dev, &["testkit", "kv-conformance", "conformance", "e2e", "bench", "xtask"]),
];

const SERVICES: &[&str] = &[
    "tables",
    "objects",
    "queues",
    "topics",
    "events",
    "schedules",
    "streams",
    "user-pools",
    "iam",
    "functions",
    "http-apis",
    "logs",
    "workflows",
    "secrets",
    "stacks",
    "pipelines",
];

const TABLE: &str = "crates/xtask/src/tidy/layers.rs";

/// Checks every edge between our own crates.
pub(crate) fn check(workspace: &Workspace, metadata: &Metadata) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for package in &metadata.packages {
        let manifest = manifest_path(workspace, package);
        let Some(layer) = layer_of(&package.name) else {
            findings.push(unknown(&manifest, &package.name));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|dependency| dependency.path.is_some())
        {
            if let Some(reason) = refusal(layer, dependency) {
                let line = dependency_line(workspace, package, &dependency.name)?;
                findings.push(refused(&manifest, line, package, dependency, &reason));
            }
        }
    }
    Ok(findings)
}

/// Whether a crate holds tests, benchmarks or chores only.
pub(crate) fn is_dev(name: &str) -> bool {
    layer_of(name) == Some(Layer::Dev)
}

fn layer_of(name: &str) -> Option<Layer> {
    HOUSE.iter().find(|(_, names)| names.contains(&name)).map(|(layer, _)| *layer)
}

/// Why the edge is not allowed, if it is not.
fn refusal(from: Layer, dependency: &Dependency) -> Option<String> {
    let to = layer_of(&dependency.name)?;
    if from == Layer::Dev {
        return None;
    }
    if dependency.is_dev() && matches!(to, Layer::Store | Layer::Dev) {
        return None;
    }
    if to == Layer::Dev {
        return Some("only tests may use a crate of the dev layer".to_owned());
    }
    if to == Layer::Store && from < Layer::Server {
        return Some("only the composition root names an engine of the store".to_owned());
    }
    let outside = matches!(from, Layer::Client | Layer::Command);
    if outside && matches!(to, Layer::Service | Layer::Engine) {
        return Some("only the composition root names services and engines".to_owned());
    }
    let siblings = [Layer::Service, Layer::Engine];
    if siblings.contains(&from) && siblings.contains(&to) {
        return Some("services and engines are siblings that never import each other".to_owned());
    }
    (from <= to).then(|| format!("{from:?} does not stand above {to:?}"))
}

fn unknown(manifest: &str, name: &str) -> Finding {
    let what = format!("crate `{name}` has no place in the layers");
    Finding::new(manifest, 1, what, format!("give it one in {TABLE}, as DESIGN.md section 3 says"))
}

fn refused(
    manifest: &str,
    line: usize,
    package: &Package,
    dependency: &Dependency,
    reason: &str,
) -> Finding {
    let what = format!("`{}` may not depend on `{}`: {reason}", package.name, dependency.name);
    let fix = format!("move what is shared down a layer, or use a port of `service` (see {TABLE})");
    Finding::new(manifest, line, what, fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: &str, to: &str, kind: Option<&str>) -> Option<String> {
        let dependency = Dependency {
            name: to.to_owned(),
            req: "*".to_owned(),
            kind: kind.map(str::to_owned),
            path: Some(String::new()),
        };
        refusal(layer_of(from).unwrap(), &dependency)
    }

    #[test]
    fn edges_that_go_down_are_allowed() {
        for (from, to) in
            [("queues", "service"), ("queues", "kv"), ("dispatch", "wire"), ("server", "queues")]
        {
            assert_eq!(edge(from, to, None), None, "{from} -> {to}");
        }
    }

    #[test]
    fn edges_that_go_up_or_sideways_are_refused() {
        for (from, to) in [
            ("types", "clock"),
            ("kv", "service"),
            ("policy", "expression"),
            ("service", "dispatch"),
            ("queues", "tables"),
            ("router", "queues"),
            ("functions", "runtime-process"),
            ("cli", "queues"),
            ("queues", "kv-embedded"),
            ("queues", "testkit"),
        ] {
            assert!(edge(from, to, None).is_some(), "{from} -> {to}");
        }
    }

    #[test]
    fn tests_may_use_engines_of_the_store_and_dev_crates_but_no_sibling() {
        assert_eq!(edge("queues", "kv-memory", Some("dev")), None);
        assert_eq!(edge("queues", "testkit", Some("dev")), None);
        assert!(edge("queues", "tables", Some("dev")).is_some());
    }
}
