//! Functions in real sandboxes, with real interpreters.

use anyhow::{Context, Result};
use e2e::{Node, bring_runtimes};
use std::fs;

#[test]
fn boto3_makes_functions_and_every_trigger_runs_them() -> Result<()> {
    let data = tempfile::tempdir()?;
    bring_runtimes(data.path())?;
    let mut node = Node::start(data.path())?;
    node.python("functions.py")?;
    node.stop()
}

#[test]
fn boto3_publishes_versions_and_layers_and_moves_aliases() -> Result<()> {
    let data = tempfile::tempdir()?;
    bring_runtimes(data.path())?;
    let mut node = Node::start(data.path())?;
    node.python("versions.py")?;
    node.stop()
}

#[test]
fn boto3_and_curl_read_responses_while_they_are_written() -> Result<()> {
    let data = tempfile::tempdir()?;
    bring_runtimes(data.path())?;
    let mut node = Node::start(data.path())?;
    node.python("streaming.py")?;
    node.stop()
}

#[test]
fn boto3_sends_groups_of_a_fifo_queue_through_a_function_in_order() -> Result<()> {
    let data = tempfile::tempdir()?;
    bring_runtimes(data.path())?;
    let mut node = Node::start(data.path())?;
    node.python("fifo.py")?;
    node.stop()
}

#[test]
fn boto3_has_instances_kept_ready_and_finds_them_after_a_restart() -> Result<()> {
    let data = tempfile::tempdir()?;
    bring_runtimes(data.path())?;
    let mut node = Node::start(data.path())?;
    node.python("provisioned.py")?;
    node.kill()?;
    let mut node = Node::start(data.path())?;
    e2e::run(node.python_command("provisioned.py").arg("restarted"))?;
    node.stop()
}

#[test]
fn functions_that_run_in_loops_are_stopped() -> Result<()> {
    let data = tempfile::tempdir()?;
    bring_runtimes(data.path())?;
    let mut node = Node::start(data.path())?;
    node.python("recursion.py")?;
    node.stop()
}

/// A template whose function publishes its code to an alias.
const PUBLISHING: &str = r"
Transform: AWS::Serverless-2016-10-31
Resources:
  Words:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layer/, RetentionPolicy: Delete}
  Greeter:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: code/
      Handler: app.handler
      Runtime: python3.12
      AutoPublishAlias: live
      ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 1}
      Layers: [!Ref Words]
";

#[test]
fn a_deployment_publishes_a_version_and_moves_its_alias() -> Result<()> {
    let data = tempfile::tempdir()?;
    bring_runtimes(data.path())?;
    let mut node = Node::start(data.path())?;
    let project = tempfile::tempdir()?;
    let write = |name: &str, text: &str| -> Result<()> {
        let path = project.path().join(name);
        fs::create_dir_all(path.parent().context("a folder")?)?;
        Ok(fs::write(path, text)?)
    };
    write("template.yaml", PUBLISHING)?;
    write("layer/python/words.py", "WORD = 'hello'\n")?;
    let template = project.path().join("template.yaml").display().to_string();
    for version in ["1", "2"] {
        let code = "import os, words\ndef handler(event, context):\n    \
                    return [words.WORD, 'GENERATION', context.function_version, \
                    os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']]\n";
        write("code/app.py", &code.replace("GENERATION", version))?;
        node.pileus(&["deploy", "--stack-name", "greet", &template])?;
        let resources = ["cloudformation", "describe-stack-resource", "--stack-name", "greet"];
        let greeter =
            node.aws(&[&resources[..], &["--logical-resource-id", "Greeter"]].concat())?;
        let name = greeter["StackResourceDetail"]["PhysicalResourceId"].clone();
        let name = format!("{}:live", name.as_str().unwrap_or_default());
        let said = node.pileus(&["invoke", &name])?;
        assert_eq!(
            said.trim(),
            format!(r#"["hello", "{version}", "{version}", "provisioned-concurrency"]"#)
        );
    }
    node.stop()
}
