//! Stacks whose resources are other stacks, or what functions provide.

use anyhow::{Context, Result};
use e2e::{Node, bring_runtimes};

#[test]
fn boto3_makes_nested_stacks_and_resources_that_functions_provide() -> Result<()> {
    let data = tempfile::tempdir()?;
    bring_runtimes(data.path())?;
    let mut node = Node::start(data.path())?;
    node.python("stacks.py")?;
    node.stop()
}

#[test]
fn an_answer_counts_that_comes_after_the_process_died() -> Result<()> {
    let data = tempfile::tempdir()?;
    bring_runtimes(data.path())?;
    let mut node = Node::start(data.path())?;
    let run = |node: &Node, part: &str| e2e::run(node.python_command("stacks_crash.py").arg(part));
    run(&node, "ask")?;
    let listen = node.endpoint().strip_prefix("http://").context("an endpoint")?.to_owned();
    node.kill()?;
    let mut node = Node::start_at(data.path(), &listen)?;
    run(&node, "answer")?;
    node.stop()
}
