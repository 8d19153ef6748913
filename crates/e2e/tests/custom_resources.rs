//! Custom resources whose functions of Node answer over TLS on port 443, which is all that many know,
//! and those that take the URL as it is.

use anyhow::{Result, ensure};
use e2e::{Node, bring_runtimes, root};

#[test]
fn functions_of_node_answer_on_port_443_or_take_the_url_as_it_is() -> Result<()> {
    let data = tempfile::tempdir()?;
    bring_runtimes(data.path())?;
    let node = Node::start(data.path())?;
    let template = root().join("crates/e2e/tests/scripts/answers/template.yaml");
    let template = template.to_string_lossy();
    node.pileus(&["deploy", "--stack-name", "answers", &template])?;
    let found = node.aws(&["cloudformation", "describe-stacks", "--stack-name", "answers"])?;
    let outputs = found["Stacks"][0]["Outputs"].as_array().cloned().unwrap_or_default();
    for (key, value) in
        [("Packed", "https:"), ("Elsewhere", "403"), ("Inline", "https:"), ("Trusting", "http:")]
    {
        let output = outputs.iter().find(|output| output["OutputKey"] == key);
        ensure!(output.is_some_and(|one| one["OutputValue"] == value), "{key}: {outputs:?}");
    }
    node.aws(&["cloudformation", "delete-stack", "--stack-name", "answers"])?;
    node.aws(&["cloudformation", "wait", "stack-delete-complete", "--stack-name", "answers"])?;
    Ok(())
}
