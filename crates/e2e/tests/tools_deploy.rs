//! The tools that people deploy with, as shipped: the AWS CLI, SAM CLI, and the Serverless
//! Framework's open fork.

use anyhow::{Context, Result, ensure};
use e2e::{Node, bring_runtimes, root, run, tools, wait_for};
use std::{fs, process::Command, time::Duration};
use tempfile::TempDir;

/// How long an effect may take to be seen, on a host that does much else.
const PATIENCE: Duration = Duration::from_secs(300);

/// A node that can run functions, and a copy of an application of `tests/scripts`.
struct Bed {
    node: Node,
    folder: TempDir,
    home: TempDir,
    _data: TempDir,
}

impl Bed {
    fn new(application: &str) -> Result<Self> {
        let data = tempfile::tempdir()?;
        bring_runtimes(data.path())?;
        let (folder, home) = (tempfile::tempdir()?, tempfile::tempdir()?);
        let source = root().join("crates/e2e/tests/scripts").join(application);
        run(Command::new("cp").arg("-r").arg(source.join(".")).arg(folder.path()))?;
        Ok(Self { node: Node::start(data.path())?, folder, home, _data: data })
    }

    /// A program in the application's folder, without the configuration of who runs the tests.
    fn run(&self, program: &str, arguments: &[&str]) -> Result<String> {
        let folder = tools().canonicalize()?;
        let (program, first) = match program {
            "osls" => (e2e::node()?, Some(folder.join("osls/node_modules/osls/bin/serverless.js"))),
            program => (folder.join(program), None),
        };
        let mut command = self.node.command(program);
        command
            .current_dir(self.folder.path())
            .env("HOME", self.home.path())
            .env("SAM_CLI_TELEMETRY", "0")
            .env("SLS_TELEMETRY_DISABLED", "1")
            .env("CI", "true");
        run(command.args(first).args(arguments))
    }

    fn aws(&self, arguments: &[&str]) -> Result<String> {
        self.run("python/bin/aws", &[&["--output", "text"], arguments].concat())
    }

    fn sam(&self, arguments: &[&str]) -> Result<String> {
        self.run("sam/bin/sam", arguments)
    }

    fn osls(&self, arguments: &[&str]) -> Result<String> {
        self.run("osls", arguments)
    }

    fn output(&self, stack: &str, key: &str) -> Result<String> {
        let query = format!("Stacks[0].Outputs[?OutputKey=='{key}'].OutputValue");
        let found = ["cloudformation", "describe-stacks", "--stack-name", stack, "--query", &query];
        Ok(self.aws(&found)?.trim().to_owned())
    }

    /// Waits until the log of a function has this.
    fn wait_for_log(&self, function: &str, text: &str) -> Result<()> {
        let group = format!("/aws/lambda/{function}");
        wait_for("a line of a log", PATIENCE, || {
            let found = self.aws(&["logs", "filter-log-events", "--log-group-name", &group]);
            let found = found.unwrap_or_default();
            Ok(if found.contains(text) { Ok(()) } else { Err(found) })
        })
    }
}

#[test]
fn the_aws_cli_packages_and_deploys() -> Result<()> {
    let bed = Bed::new("packaged")?;
    bed.aws(&["s3", "mb", "s3://packages"])?;
    let package = ["cloudformation", "package", "--template-file", "template.yaml"];
    let into = ["--s3-bucket", "packages", "--s3-prefix", "of", "--output-template-file"];
    bed.aws(&[&package[..], &into, &["out.yaml"]].concat())?;
    let packaged = fs::read_to_string(bed.folder.path().join("out.yaml"))?;
    ensure!(packaged.contains("S3Key: of/"), "{packaged}");

    let deploy = |name: &str| {
        let parameter = format!("FunctionName={name}");
        let base = ["cloudformation", "deploy", "--template-file", "out.yaml", "--stack-name"];
        let more = ["--capabilities", "CAPABILITY_IAM", "--parameter-overrides", &parameter];
        bed.aws(&[&base[..], &["greeter"], &more[..], &["--tags", "team=a"]].concat())
    };
    // Somebody else's name, then another: a change replaces the function.
    deploy("first")?;
    deploy("second")?;
    let query = ["--query", "Stacks[0].Tags[0].Value"];
    let stack = ["cloudformation", "describe-stacks", "--stack-name", "greeter"];
    ensure!(bed.aws(&[&stack[..], &query].concat())?.trim() == "a");
    ensure!(bed.output("greeter", "Function")? == "second");
    let invoke = ["lambda", "invoke", "--function-name", "second", "--payload"];
    bed.aws(&[&invoke[..], &[r#"{"name": "Ada"}"#, "answer.json"]].concat())?;
    let answer = fs::read_to_string(bed.folder.path().join("answer.json"))?;
    ensure!(answer == r#"{"greeting": "hello Ada"}"#, "{answer}");

    bed.aws(&["cloudformation", "delete-stack", "--stack-name", "greeter"])?;
    bed.aws(&["cloudformation", "wait", "stack-delete-complete", "--stack-name", "greeter"])?;
    ensure!(bed.aws(&["lambda", "get-function", "--function-name", "second"]).is_err());
    Ok(())
}

/// Deploys the upload service with SAM CLI, sees an upload handled, and deletes it.
fn deploy_with_sam(place: &[&str]) -> Result<()> {
    let bed = Bed::new("upload")?;
    bed.aws(&["s3", "mb", "s3://artifacts"])?;
    let deploy = ["deploy", "--stack-name", "uploads", "--capabilities", "CAPABILITY_IAM"];
    let parameters = ["--parameter-overrides", "BucketName=incoming", "--no-confirm-changeset"];
    let deploy = [&deploy[..], &parameters, place].concat();
    bed.sam(&deploy)?;
    let table = bed.output("uploads", "Table")?;

    fs::write(bed.folder.path().join("one.json"), r#"{"a": 1}"#)?;
    bed.aws(&["s3", "cp", "one.json", "s3://incoming/one.txt"])?;
    bed.aws(&["s3", "cp", "one.json", "s3://incoming/some where/one.json"])?;
    let scan = ["dynamodb", "scan", "--table-name", &table, "--query", "Items[].[id.S, text.S]"];
    let rows = wait_for("a row of an upload", PATIENCE, || {
        let rows = bed.aws(&scan)?;
        Ok(if rows.trim().is_empty() { Err(rows) } else { Ok(rows) })
    })?;
    ensure!(rows.trim() == "some where/one.json\t{\"a\": 1}", "{rows}");
    let query = "StackResourceDetail.PhysicalResourceId";
    let detail = ["cloudformation", "describe-stack-resource", "--stack-name", "uploads"];
    let function = ["--logical-resource-id", "Keep", "--query", query];
    let function = bed.aws(&[&detail[..], &function[..]].concat())?;
    bed.wait_for_log(function.trim(), "kept some where/one.json")?;
    let log = bed.sam(&["logs", "--stack-name", "uploads", "--name", "Keep"])?;
    ensure!(log.contains("kept some where/one.json"), "{log}");
    let listed = bed.sam(&["list", "resources", "--stack-name", "uploads", "--output", "json"])?;
    ensure!(listed.contains("KeepUploadPermission"), "{listed}");

    let again = bed.sam(&[&deploy[..], &["--no-fail-on-empty-changeset"]].concat())?;
    ensure!(again.contains("No changes to deploy"), "{again}");
    // A bucket that holds versions would keep its stack from going.
    bed.run("python/bin/python", &["-c", EMPTY, "incoming"])?;
    bed.sam(&["delete", "--stack-name", "uploads", "--no-prompts", "--region", "us-east-1"])?;
    let gone = bed.output("uploads", "Table").err().context("the stack is still there")?;
    ensure!(gone.to_string().contains("does not exist"), "{gone}");
    Ok(())
}

/// Deletes all versions of a bucket.
const EMPTY: &str =
    "import boto3, sys; boto3.resource('s3').Bucket(sys.argv[1]).object_versions.delete()";

#[test]
fn sam_deploys_through_a_bucket_of_its_own() -> Result<()> {
    deploy_with_sam(&["--resolve-s3"])
}

#[test]
fn sam_deploys_through_a_bucket_that_is_named() -> Result<()> {
    deploy_with_sam(&["--s3-bucket", "artifacts", "--s3-prefix", "uploads"])
}

#[test]
fn the_open_serverless_framework_deploys_and_invokes() -> Result<()> {
    let bed = Bed::new("greet")?;
    bed.osls(&["deploy"])?;
    let told = bed.osls(&["info"])?;
    ensure!(told.contains("greet-dev-hello") && told.contains("/lambda-url/"), "{told}");
    let answer = bed.osls(&["invoke", "--function", "hello", "--data", r#"{"name": "Ada"}"#])?;
    ensure!(answer.contains("hello Ada"), "{answer}");
    let jobs = bed.output("greet-dev", "JobsUrl")?;
    let endpoint = bed.node.endpoint();
    let send = ["sqs", "send-message", "--endpoint-url", endpoint, "--queue-url", &jobs];
    bed.aws(&[&send[..], &["--message-body", "job 1"]].concat())?;
    bed.wait_for_log("greet-dev-work", "worked on job 1")?;

    let handler = bed.folder.path().join("handler.js");
    fs::write(&handler, fs::read_to_string(&handler)?.replace("hello $", "good day $"))?;
    bed.osls(&["deploy", "function", "--function", "hello"])?;
    let answer = bed.osls(&["invoke", "--function", "hello", "--data", r#"{"name": "Ada"}"#])?;
    ensure!(answer.contains("good day Ada"), "{answer}");

    bed.osls(&["remove"])?;
    let left = bed.aws(&["cloudformation", "describe-stacks", "--stack-name", "greet-dev"]);
    ensure!(left.is_err(), "{left:?}");
    Ok(())
}

/// esbuild comes from npm, as in an application that people have.
#[test]
fn pileus_bundles_typescript_with_esbuild() -> Result<()> {
    let bed = Bed::new("typescript")?;
    let template = bed.folder.path().join("template.yaml");
    let template = template.to_str().context("a path that is no text")?;
    bed.node.pileus(&["deploy", "--stack-name", "typescript", template])?;
    let invoke = |function: &str, name: &str| -> Result<String> {
        let payload = format!(r#"{{"name": "{name}"}}"#);
        let invoke = ["lambda", "invoke", "--function-name", function, "--payload", &payload];
        bed.aws(&[&invoke[..], &["answer.json"]].concat())?;
        Ok(fs::read_to_string(bed.folder.path().join("answer.json"))?)
    };
    for function in ["greet-ts", "greet-module"] {
        let answer = invoke(function, "Ada")?;
        ensure!(answer == r#"{"greeting":"hello Ada"}"#, "{function}: {answer}");
    }
    // The trace is told in terms of the source.
    let failure = invoke("greet-ts", "nobody")?;
    ensure!(failure.contains("nobody is here") && failure.contains("words.ts:7"), "{failure}");
    Ok(())
}
