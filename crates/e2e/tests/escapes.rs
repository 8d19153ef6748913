//! A function that tries to break out of its sandbox, in every way that anybody thought of.
//!
//! The attempts are the rows of `scripts/escape/attempts.py`.

use anyhow::Result;
use e2e::{Node, bring_runtimes, run};

#[test]
fn a_function_cannot_break_out_and_harms_no_neighbour() -> Result<()> {
    let data = tempfile::tempdir()?;
    bring_runtimes(data.path())?;
    let mut node = Node::start(data.path())?;
    let mut script = node.python_command("escapes.py");
    run(script.arg(data.path()).arg(node.pid().to_string()))?;
    node.stop()
}
