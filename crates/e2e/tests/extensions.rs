//! External extensions: programs of a layer that run beside a function, in its real sandbox.

use anyhow::Result;
use e2e::{Node, bring_runtimes};

#[test]
fn an_extension_of_a_layer_follows_the_life_of_a_function_to_its_shutdown() -> Result<()> {
    let data = tempfile::tempdir()?;
    bring_runtimes(data.path())?;
    let mut node = Node::start(data.path())?;
    node.python("extensions.py")?;
    node.stop()
}
