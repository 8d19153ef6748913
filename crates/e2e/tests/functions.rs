//! Functions in real sandboxes, with real interpreters.

use anyhow::Result;
use e2e::{Node, bring_runtimes};

#[test]
fn boto3_makes_functions_and_every_trigger_runs_them() -> Result<()> {
    let data = tempfile::tempdir()?;
    bring_runtimes(data.path())?;
    let mut node = Node::start(data.path())?;
    node.python("functions.py")?;
    node.stop()
}
