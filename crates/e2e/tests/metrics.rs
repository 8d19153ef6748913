//! What a node counts, as Prometheus reads it and as `pileus top` shows it.

use anyhow::{Context, Result};
use e2e::{Node, binary, bring_runtimes, run};
use serde_json::Value;
use std::{fs, process::Command};

const TEMPLATE: &str = r"
Transform: AWS::Serverless-2016-10-31
Resources:
  Counted:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: counted
      CodeUri: code/
      Handler: app.handler
      Runtime: python3.12
";

const CODE: &str = "def handler(event, context):
    assert event.get('good', True)
    return event
";

#[test]
fn calls_are_scraped_with_the_token_and_shown_to_who_signs() -> Result<()> {
    let data = tempfile::tempdir()?;
    bring_runtimes(data.path())?;
    // `start_as` adds the arguments of `up` behind these: a shell puts the flag where it belongs.
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$0\" \"$@\" --metrics 127.0.0.1:0"]).arg(binary()?);
    let mut node = Node::start_as(shell, data.path(), "127.0.0.1:0")?;
    let project = tempfile::tempdir()?;
    fs::create_dir(project.path().join("code"))?;
    fs::write(project.path().join("template.yaml"), TEMPLATE)?;
    fs::write(project.path().join("code/app.py"), CODE)?;
    let template = project.path().join("template.yaml").display().to_string();
    node.pileus(&["deploy", "--stack-name", "counted", &template])?;
    for payload in ["{}", "{}", "{}"] {
        node.pileus(&["invoke", "counted", "--payload", payload])?;
    }
    assert!(node.pileus(&["invoke", "counted", "--payload", r#"{"good": false}"#]).is_err());
    assert!(node.pileus(&["invoke", "nobody"]).is_err());

    let url = node.ready()["metrics"].as_str().context("the address is announced")?.to_owned();
    let token = node.data().join("metrics.token");
    run(node.python_command("metrics.py").arg(&url).arg(token))?;

    let shown: Value = serde_json::from_str(&node.pileus(&["top", "--once", "--json"])?)?;
    let function = &shown["functions"][0];
    assert_eq!((&function["name"], &function["calls"]), (&"counted".into(), &4.0.into()));
    assert_eq!((&function["errors"], &function["cold_starts"]), (&1.0.into(), &1.0.into()));
    assert!(function["p99_seconds"].as_f64() > Some(0.0), "{function}");
    let text = node.pileus(&["top", "--once"])?;
    assert!(text.contains("FUNCTION  LOAD") && !text.contains('\u{1b}'), "{text}");
    let unsigned = node
        .command(binary()?)
        .env("AWS_SECRET_ACCESS_KEY", "wrong")
        .args(["top", "--once"])
        .output()?;
    assert!(!unsigned.status.success());
    node.stop()
}
