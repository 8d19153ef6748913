//! The CDK, as people use it: a bootstrap, and an app that is deployed, changed and destroyed by
//! somebody who may only assume the roles that the bootstrap made.

use anyhow::{Context, Result, ensure};
use e2e::{Node, bring_runtimes, root, run, tools, wait_for};
use serde_json::Value;
use std::{fs, path::Path, process::Command, time::Duration};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(300);
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const MAY_ASSUME: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
    "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/cdk-*"}]}"#;

/// A user with the text of their access key.
fn user(node: &Node, name: &str) -> Result<Value> {
    node.aws(&["iam", "create-user", "--user-name", name])?;
    Ok(node.aws(&["iam", "create-access-key", "--user-name", name])?["AccessKey"].take())
}

/// An app in a folder of its own.
struct App<'a> {
    node: &'a Node,
    folder: TempDir,
}

impl<'a> App<'a> {
    fn new(node: &'a Node) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let source = root().join("crates/e2e/tests/scripts/cdk");
        run(Command::new("cp").arg("-r").arg(source.join(".")).arg(folder.path()))?;
        Ok(Self { node, folder })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The CDK as somebody; their key is that of a user.
    fn command(&self, key: &Value, arguments: &[&str]) -> Command {
        let modules = tools().canonicalize().unwrap_or_else(|_| tools()).join("cdk/node_modules");
        let text = |name: &str| key[name].as_str().unwrap_or_default();
        let mut command = self.node.command("node");
        command
            .current_dir(self.path())
            .env("AWS_ACCESS_KEY_ID", text("AccessKeyId"))
            .env("AWS_SECRET_ACCESS_KEY", text("SecretAccessKey"))
            .env("HOME", self.path())
            .env("CI", "true")
            .env("CDK_DISABLE_CLI_TELEMETRY", "true")
            .env("NODE_PATH", &modules)
            .arg(modules.join("aws-cdk/bin/cdk"))
            .arg("--no-notices")
            .args(arguments);
        command
    }

    fn cdk(&self, key: &Value, arguments: &[&str]) -> Result<String> {
        run(&mut self.command(key, arguments))
    }

    /// Deploys the app; the answer are its outputs.
    fn deploy(&self, key: &Value, greeting: &str) -> Result<Value> {
        let context = format!("greeting={greeting}");
        let arguments =
            ["deploy", "--require-approval", "never", "--outputs-file", "out.json", "-c", &context];
        self.cdk(key, &arguments)?;
        let outputs = fs::read_to_string(self.path().join("out.json"))?;
        Ok(serde_json::from_str::<Value>(&outputs)?["Shop"].take())
    }
}

/// What the function answers over its URL.
fn greeting(app: &App<'_>, outputs: &Value) -> Result<String> {
    let url = outputs["Url"].as_str().context("a URL")?;
    let python = tools().join("python/bin/python");
    let script = "import sys, urllib.request as r; print(r.urlopen(sys.argv[1]).read().decode())";
    let printed = run(app.node.command(python).args(["-c", script, url]))?;
    Ok(printed.trim().to_owned())
}

#[test]
fn the_cdk_bootstraps_deploys_compares_and_destroys() -> Result<()> {
    let data = tempfile::tempdir()?;
    bring_runtimes(data.path())?;
    let node = Node::start(data.path())?;
    let admin = user(&node, "admin")?;
    let attach = ["iam", "attach-user-policy", "--user-name", "admin", "--policy-arn"];
    node.aws(&[&attach[..], &[ADMINISTRATOR]].concat())?;
    let developer = user(&node, "developer")?;
    let put = ["iam", "put-user-policy", "--user-name", "developer", "--policy-name", "cdk"];
    node.aws(&[&put[..], &["--policy-document", MAY_ASSUME]].concat())?;

    let app = App::new(&node)?;
    let text = |name: &str| node.access()[name].as_str().unwrap_or_default();
    let region = text("region");
    app.cdk(&admin, &["bootstrap", &format!("aws://000000000000/{region}")])?;
    let events = ["cloudformation", "describe-stack-events", "--stack-name", "CDKToolkit"];
    let events = node.aws(&events)?.to_string();
    ensure!(events.contains("there is no registry"), "nobody was told: {events}");

    let outputs = app.deploy(&developer, "hello")?;
    ensure!(greeting(&app, &outputs)? == "hello");
    ensure!(outputs["Read"] == "hello", "{outputs}");
    let output = |name: &str| outputs[name].as_str().unwrap_or_default();
    let send = ["sqs", "send-message", "--message-body", "7", "--queue-url"];
    node.aws(&[&send[..], &[output("QueueUrl")]].concat())?;
    let get = ["dynamodb", "get-item", "--key", r#"{"id": {"S": "7"}}"#, "--table-name"];
    let get = [&get[..], &[output("Table")]].concat();
    wait_for("the order in the table", PATIENCE, || {
        let item = node.aws(&get)?;
        let found = item["Item"]["greeting"]["S"] == "hello";
        Ok(if found { Ok(()) } else { Err(item.to_string()) })
    })?;

    let same = ["diff", "--fail", "-c", "greeting=hello"];
    app.cdk(&developer, &same)?;
    let differs = app.command(&developer, &["diff", "--fail", "-c", "greeting=bye"]).output()?;
    let told = [differs.stdout, differs.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    ensure!(!differs.status.success() && told.contains("bye"), "no difference was told: {told}");
    let outputs = app.deploy(&developer, "bye")?;
    ensure!(greeting(&app, &outputs)? == "bye");
    ensure!(outputs["Read"] == "bye", "{outputs}");

    // A bucket goes only when it is empty: a handler of the CDK deletes what the function put there.
    let bucket = bucket(&node)?;
    node.aws(&["s3api", "head-object", "--bucket", &bucket, "--key", "7"])?;
    app.cdk(&developer, &["destroy", "--force"])?;
    let stacks = node.aws(&["cloudformation", "list-stacks"])?;
    let mut stacks = stacks["StackSummaries"].as_array().into_iter().flatten();
    let shop = stacks.find(|stack| stack["StackName"] == "Shop").context("the stack's summary")?;
    ensure!(shop["StackStatus"] == "DELETE_COMPLETE", "{shop}");
    ensure!(node.aws(&["s3api", "head-bucket", "--bucket", &bucket]).is_err(), "the bucket stays");
    Ok(())
}

/// The bucket of the app.
fn bucket(node: &Node) -> Result<String> {
    let resource = ["cloudformation", "list-stack-resources", "--stack-name", "Shop"];
    let found = node.aws(&resource)?;
    let mut all = found["StackResourceSummaries"].as_array().into_iter().flatten();
    let bucket = all.find(|one| one["ResourceType"] == "AWS::S3::Bucket").context("a bucket")?;
    Ok(bucket["PhysicalResourceId"].as_str().unwrap_or_default().to_owned())
}
