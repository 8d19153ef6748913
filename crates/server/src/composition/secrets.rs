//! Secrets that a template is given are nowhere in what is stored.

use super::world::{World, input};
use kv_embedded::{EmbeddedEngine, Options};
use serde_json::json;
use std::{fs, path::Path, sync::Arc, time::Duration};

const TEMPLATE: &str = "
Parameters:
  Word: {Type: String, NoEcho: true, Default: the-default-of-the-word}
Resources:
  Worker:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}
  Work:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      Role: !GetAtt Worker.Arn
      Code: {ZipFile: 'def handler(event, context): return 1'}
      Environment: {Variables: {WORD: !Sub 'begins ${Word} ends'}}
";
const SECRETS: [&str; 3] = ["the-default-of-the-word", "correct-horse", "battery-staple"];

/// The files below a folder that have one of the secrets in them.
fn with_secrets(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(with_secrets(&path));
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let has = |secret: &str| bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        let secrets = SECRETS.into_iter().filter(|secret| has(secret));
        found.extend(secrets.map(|secret| format!("{secret} in {}", path.display())));
    }
    found
}

#[tokio::test]
async fn a_secret_parameter_is_nowhere_in_the_files_of_the_store() {
    let data = tempfile::tempdir().unwrap();
    let engine = EmbeddedEngine::open(&data.path().join("store"), Options::default()).unwrap();
    let world = World::on(Arc::new(engine), data).await;
    let with = |word: &str| {
        let mut input = input(TEMPLATE);
        input["Parameters"] = json!([{"ParameterKey": "Word", "ParameterValue": word}]);
        input
    };
    world.ok("CreateStack", with(SECRETS[1])).await;
    world.work_for(Duration::from_secs(60)).await;
    assert_eq!(world.status("shop").await, "CREATE_COMPLETE");
    let mut change = with(SECRETS[2]);
    change["ChangeSetName"] = "next".into();
    world.ok("CreateChangeSet", change).await;
    assert_eq!(with_secrets(world.folder()), Vec::<String>::new());
    let change = json!({"StackName": "shop", "ChangeSetName": "next"});
    world.ok("ExecuteChangeSet", change).await;
    world.work_for(Duration::from_secs(60)).await;
    assert_eq!(world.status("shop").await, "UPDATE_COMPLETE");
    assert_eq!(with_secrets(world.folder()), Vec::<String>::new());

    // The function has it, and what is shown is masked.
    let name = world.physical_ids("shop").await.remove("Work");
    let input = json!({"FunctionName": name});
    let found = world.call("lambda", "GetFunctionConfiguration", input).await.unwrap();
    assert_eq!(found["Environment"]["Variables"]["WORD"], "begins battery-staple ends");
    let stack = world.ok("DescribeStacks", json!({"StackName": "shop"})).await;
    assert_eq!(stack["Stacks"][0]["Parameters"][0]["ParameterValue"], "****");

    // The same search finds what is stored as it is.
    let tag = json!({"Resource": found["FunctionArn"], "Tags": {"word": SECRETS[2]}});
    world.call("lambda", "TagResource", tag).await.unwrap();
    assert!(!with_secrets(world.folder()).is_empty());
}
