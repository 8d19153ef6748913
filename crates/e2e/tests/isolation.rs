//! The isolation that `pileus up` prints, against the level that CI expects.

use anyhow::{Context, Result, ensure};
use e2e::{Node, root};
use std::fs;

/// The levels, the weakest first.
const LEVELS: [&str; 2] = ["reduced", "full"];

#[test]
fn functions_are_isolated_at_least_as_well_as_ci_expects() -> Result<()> {
    let expected = fs::read_to_string(root().join(".ci/expected-isolation"))?;
    let expected = expected.trim();
    let data = tempfile::tempdir()?;
    let mut node = Node::start(data.path())?;
    let (ready, rank) = (node.ready().clone(), |level: &str| {
        let found = LEVELS.iter().position(|name| *name == level);
        found.with_context(|| format!("{level:?} is none of {LEVELS:?}"))
    });
    let printed = ready["isolation"].as_str().unwrap_or_default();
    let enough = rank(printed)? >= rank(expected)?;
    ensure!(enough, "isolation is {printed}, expected {expected}; missing: {}", ready["missing"]);
    node.stop()
}
