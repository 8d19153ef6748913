//! The SAM transform, compared with AWS's own translator on `tests/sam/*.yaml`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value};
use template::transform::{self, Inputs};
use template::{Document, Kind};

const TRANSLATOR: &str = "aws-sam-translator==1.115.0";

/// The Python that has the translator: that of `SAM_TRANSLATOR_VENV`, else of a folder beside the
/// build output, which is made once.
fn python() -> Result<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "a test is told by xtask where its tools are")]
    if let Some(venv) = std::env::var_os("SAM_TRANSLATOR_VENV") {
        return Ok(Path::new(&venv).join("bin/python"));
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().context("no target folder")?;
    let venv = target.join("tools/sam-translator");
    let (python, done) = (venv.join("bin/python"), venv.join(TRANSLATOR));
    if !done.exists() {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", TRANSLATOR]))?;
        std::fs::write(&done, "")?;
    }
    Ok(python)
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("{command:?}"))?;
    ensure!(status.success(), "{command:?} failed: {status}");
    Ok(())
}

fn translate(documents: &Map<String, Value>) -> Result<Map<String, Value>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sam/oracle.py");
    let mut child = Command::new(python()?)
        .arg(script)
        .env("AWS_DEFAULT_REGION", "eu-west-1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().context("no stdin")?;
    input.write_all(&serde_json::to_vec(documents)?)?;
    drop(input);
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "the translator failed");
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn given() -> BTreeMap<String, String> {
    BTreeMap::from([("Given".to_owned(), "given-value".to_owned())])
}

fn ours(document: Document) -> template::Result<Document> {
    transform::apply(
        document,
        &Inputs { parameters: &given(), region: "eu-west-1", includes: None },
    )
}

/// The translator's `DependsOn` of buckets is an unordered set.
fn sort_depends_on(value: &mut Value) {
    for resource in value["Resources"].as_object_mut().into_iter().flat_map(|map| map.values_mut())
    {
        if let Some(items) = resource.get_mut("DependsOn").and_then(Value::as_array_mut) {
            items.sort_by_key(Value::to_string);
        }
    }
}

/// Where two trees differ, one line per place.
fn differences(path: &str, ours: &Value, theirs: &Value, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let none = Value::Null;
                let (a, b) = (a.get(key).unwrap_or(&none), b.get(key).unwrap_or(&none));
                differences(&format!("{path}/{key}"), a, b, found);
            }
        }
        _ if ours == theirs => {}
        _ => found.push(format!("{path}\n    ours:   {ours}\n    theirs: {theirs}")),
    }
}

fn compare(documents: &Map<String, Value>, texts: &BTreeMap<String, String>) -> Result<()> {
    let mut answers = translate(documents)?;
    let mut found = Vec::new();
    for (name, text) in texts {
        let document = ours(Document::parse(text)?);
        let mut mine = match document {
            Ok(document) => document.root().to_json(),
            Err(error) => {
                found.push(format!("{name}: {error}; theirs: {}", answers[name]));
                continue;
            }
        };
        let theirs = &mut answers[name];
        sort_depends_on(&mut mine);
        sort_depends_on(theirs);
        differences(name, &mine, theirs, &mut found);
    }
    ensure!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}

fn compare_folder(folder: &Path) -> Result<usize> {
    let mut texts = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
            texts.insert(path.display().to_string(), std::fs::read_to_string(&path)?);
        }
    }
    let mut documents = Map::new();
    for (name, text) in &texts {
        documents
            .insert(name.clone(), Document::parse(text).context(name.clone())?.root().to_json());
    }
    compare(&documents, &texts)?;
    Ok(texts.len())
}

#[test]
fn the_transform_answers_like_the_official_translator() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sam");
    let compared = compare_folder(&folder)?;
    ensure!(compared >= 10, "only {compared} templates were compared");
    Ok(())
}

#[test]
fn what_is_not_transformed_is_refused_by_name_with_its_line() {
    let function = "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: python3.14\n      Handler: a.b\n      InlineCode: x\n";
    let cases = [
        (
            "      DeploymentPreference: {Type: Canary}\n",
            "The property DeploymentPreference of AWS::Serverless::Function (resource F) is not supported",
            9,
        ),
        (
            "      Events:\n        E: {Type: MSK, Properties: {}}\n",
            "The event type MSK (resource F, event E) is not supported",
            10,
        ),
        (
            "      Events:\n        E:\n          Type: SQS\n          Properties:\n            Queue: a\n            Topics: [b]\n",
            "The property Topics of SQS events (resource F, event E) is not supported",
            14,
        ),
        (
            "      Policies:\n        - SESCrudPolicy: {IdentityName: a}\n",
            "The policy template SESCrudPolicy (resource F) is not supported",
            10,
        ),
        (
            "      FunctionUrlConfig:\n        AuthType: NONE\n        Foo: 1\n",
            "The member Foo of FunctionUrlConfig (resource F) is not supported",
            11,
        ),
    ];
    for (text, message, line) in cases {
        let error = ours(Document::parse(&format!("{function}{text}")).unwrap()).unwrap_err();
        assert_eq!((error.message.as_str(), error.at.map(|at| at.line)), (message, Some(line)));
        assert_eq!(error.kind, Kind::Refused);
    }
    let repository = "Transform: AWS::Serverless-2016-10-31\nResources:\n  A:\n    Type: AWS::Serverless::Application\n    Properties: {Location: {ApplicationId: a, SemanticVersion: 1.0.0}}\n";
    let error = ours(Document::parse(repository).unwrap()).unwrap_err();
    assert_eq!(
        error.message,
        "An application of the repository as Location (resource A) is not supported"
    );
    let api =
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  A:\n    Type: AWS::Serverless::Api\n";
    let error = ours(Document::parse(api).unwrap()).unwrap_err();
    assert_eq!(
        error.message,
        "The resource type AWS::Serverless::Api (resource A) is not supported"
    );
}

#[test]
fn everything_that_is_refused_is_listed_at_once() {
    let text = "Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: x
      Handler: index.handler
      Runtime: nodejs22.x
      Events:
        A: {Type: Api, Properties: {Path: /, Method: get}}
        B: {Type: HttpApi}
  Api:
    Type: AWS::Serverless::Api
";
    let error = ours(Document::parse(text).unwrap()).unwrap_err();
    assert_eq!(error.kind, Kind::Refused);
    assert_eq!(
        error.to_string(),
        "Template error: 3 problems:
- The event type Api (resource F, event A) is not supported (line 10, column 9)
- The event type HttpApi (resource F, event B) is not supported (line 11, column 9)
- The resource type AWS::Serverless::Api (resource Api) is not supported (line 12, column 3)"
    );
}

#[test]
fn what_sam_refuses_is_refused_in_its_words() {
    let text = "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: python3.14\n      Handler: a.b\n      InlineCode: x\n";
    let prefix = "Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document. Number of errors found: 1. ";
    let cases = [
        (
            "      Foo: 1\n",
            "Resource with id [F] is invalid. property Foo not defined for resource of type AWS::Serverless::Function",
        ),
        (
            "      DeadLetterQueue: {Type: SQS}\n",
            "Resource with id [F] is invalid. 'DeadLetterQueue' requires Type and TargetArn properties to be specified.",
        ),
        (
            "      Policies: [SQSPollerPolicy: {}]\n",
            "Resource with id [F] is invalid. Following required parameters of template 'SQSPollerPolicy' don't have values: ['QueueName']",
        ),
        (
            "      FunctionUrlConfig: {AuthType: X}\n",
            "Resource with id [F] is invalid. AuthType is required to configure function property `FunctionUrlConfig`. Please provide either AWS_IAM or NONE.",
        ),
        (
            "      Events: {E: {Type: SQS}}\n",
            "Resource with id [F] is invalid. Event with id [E] is invalid. Missing required property 'Queue'.",
        ),
    ];
    for (more, message) in cases {
        let error = ours(Document::parse(&format!("{text}{more}")).unwrap()).unwrap_err();
        assert_eq!(error.message, format!("{prefix}{message}"));
        assert_eq!(error.kind, Kind::Invalid);
    }
}
