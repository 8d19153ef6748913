use crate::common::{FUNCTION, World, base64, everywhere, function, ran, zip};
use serde_json::json;

/// Changes the code of `f`.
async fn change(world: &World, text: &str) {
    let zip = base64(&zip("index.py", text));
    world.ok("UpdateFunctionCode", json!({"FunctionName": "f", "ZipFile": zip})).await;
}

#[tokio::test]
async fn version_1_stays_version_1_for_ever() {
    everywhere(async |world| {
        let made = world.create().await;
        let input = json!({"FunctionName": "f", "Description": "first"});
        let first = world.ok("PublishVersion", input).await;
        assert_eq!(
            (&first["Version"], &first["FunctionArn"], &first["Description"]),
            (&json!("1"), &json!(format!("{FUNCTION}:1")), &json!("first"))
        );
        assert_eq!(first["CodeSha256"], made["CodeSha256"]);
        let again = world.ok("PublishVersion", json!({"FunctionName": "f"})).await;
        assert_eq!(again, first, "nothing has changed");
        change(&world, "two").await;
        let input = json!({"FunctionName": "f", "Timeout": 9});
        world.ok("UpdateFunctionConfiguration", input).await;
        let second = world.ok("PublishVersion", json!({"FunctionName": "f"})).await;
        assert_eq!((&second["Version"], &second["Timeout"]), (&json!("2"), &json!(9)));
        let input = json!({"FunctionName": "f", "Qualifier": "1"});
        let mut found = world.ok("GetFunctionConfiguration", input).await;
        assert_eq!(found, first);
        found = world.ok("GetFunction", json!({"FunctionName": "f:2"})).await;
        assert_eq!(found["Configuration"], second);
        world.ok("DeleteFunction", json!({"FunctionName": "f"})).await;
        world.create().await;
        let third = world.ok("PublishVersion", json!({"FunctionName": "f"})).await;
        assert_eq!(third["Version"], "3", "numbers are never used again");
        let (code, _) = world.fault("GetFunction", json!({"FunctionName": "f:1"})).await;
        assert_eq!(code, "ResourceNotFoundException");
    })
    .await;
}

#[tokio::test]
async fn each_version_runs_its_own_code() {
    let world = World::in_memory();
    world.create().await;
    world.ok("PublishVersion", json!({"FunctionName": "f"})).await;
    change(&world, "two").await;
    let input = json!({"FunctionName": "f", "S3Bucket": "pileus-code", "S3Key": "x"});
    assert_eq!(world.fault("UpdateFunctionCode", input).await.0, "InvalidParameterValueException");
    let code = json!({"code": "index.py"});
    for (qualifier, text) in [("1", "one"), ("$LATEST", "two"), ("1", "one")] {
        let reply = world.invoke_qualified(qualifier, &code).await;
        assert_eq!((reply.json(), ran(&reply)), (text.into(), qualifier));
    }
}

/// Texts as recorded in LocalStack's validated snapshots of AWS's answers.
#[tokio::test]
async fn what_was_expected_must_be_there() {
    let world = World::in_memory();
    let made = world.create().await;
    let input = json!({"FunctionName": "f", "CodeSha256": "other"});
    let (code, text) = world.fault("PublishVersion", input).await;
    assert_eq!(code, "InvalidParameterValueException");
    let sha = made["CodeSha256"].as_str().unwrap();
    assert_eq!(
        text,
        format!(
            "CodeSHA256 (other) is different from current CodeSHA256 in $LATEST ({sha}). Please \
             try again with the CodeSHA256 in $LATEST."
        )
    );
    let input = json!({"FunctionName": "f", "RevisionId": "other"});
    assert_eq!(world.fault("PublishVersion", input).await.0, "PreconditionFailedException");
    let input = json!({"FunctionName": "f", "RevisionId": made["RevisionId"], "CodeSha256": sha});
    assert_eq!(world.ok("PublishVersion", input).await["Version"], "1");
}

#[tokio::test]
async fn creation_and_new_code_may_publish_at_once() {
    let world = World::in_memory();
    let mut input = function();
    input["Publish"] = true.into();
    let made = world.ok("CreateFunction", input).await;
    assert_eq!((&made["Version"], &made["FunctionArn"]), (&json!("1"), &json!(FUNCTION)));
    let zip = base64(&zip("index.py", "two"));
    let input = json!({"FunctionName": "f", "ZipFile": zip, "Publish": true});
    let changed = world.ok("UpdateFunctionCode", input).await;
    let arn = json!(format!("{FUNCTION}:2"));
    assert_eq!((&changed["Version"], &changed["FunctionArn"]), (&json!("2"), &arn));
}
