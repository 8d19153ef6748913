use crate::common::{FUNCTION, World, base64, everywhere, function, zip};
use serde_json::{Value, json};

#[tokio::test]
async fn a_function_is_created_with_its_defaults() {
    everywhere(async |world| {
        let answer = world.create().await;
        assert_eq!(answer["FunctionArn"], FUNCTION);
        assert_eq!((&answer["Timeout"], &answer["MemorySize"]), (&json!(3), &json!(128)));
        assert_eq!((&answer["State"], &answer["Version"]), (&json!("Active"), &json!("$LATEST")));
        assert_eq!(answer["LoggingConfig"]["LogGroup"], "/aws/lambda/f");
        let (code, message) = world.fault("CreateFunction", function()).await;
        assert_eq!(
            (code.as_str(), message.as_str()),
            ("ResourceConflictException", "Function already exist: f")
        );
    })
    .await;
}

#[tokio::test]
async fn a_function_over_the_wire_answers_201() {
    let world = World::in_memory();
    let body = function().to_string().into();
    let reply = world.bed.root().rest("lambda", "POST", "/2015-03-31/functions", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let reply = world.bed.root().rest("lambda", "GET", "/2015-03-31/functions/g", "".into()).await;
    assert_eq!(reply.status, 404);
    let expected = "Function not found: arn:aws:lambda:eu-central-1:000000000000:function:g";
    assert_eq!(reply.fault(), ("ResourceNotFoundException".to_owned(), expected.to_owned()));
}

async fn refused(world: &World, change: &[(&str, Value)]) -> (String, String) {
    let mut input = function();
    for (name, value) in change {
        input[*name] = value.clone();
    }
    world.fault("CreateFunction", input).await
}

#[tokio::test]
async fn what_is_not_implemented_is_refused_by_name() {
    let world = World::in_memory();
    let subnet = json!({"SubnetIds": ["subnet-1"], "SecurityGroupIds": []});
    for (name, value) in [
        ("VpcConfig", subnet),
        ("PackageType", json!("Image")),
        ("SnapStart", json!({"ApplyOn": "PublishedVersions"})),
        (
            "CodeSigningConfigArn",
            json!(
                "arn:aws:lambda:eu-central-1:000000000000:code-signing-config:csc-0123456789abcdef0"
            ),
        ),
    ] {
        let (code, message) = refused(&world, &[(name, value)]).await;
        assert_eq!(code, "UnsupportedOperation", "{name}");
        assert!(message.contains(name), "{message}");
    }
    let (_, message) = refused(&world, &[("Runtime", json!("java21"))]).await;
    assert_eq!(message, "Pileus does not support the runtime java21.");
}

#[tokio::test]
async fn code_in_a_bucket_is_told_of_in_the_words_of_the_bucket() {
    let world = World::in_memory();
    let code = json!({"S3Bucket": "mine", "S3Key": "k"});
    let (code, message) = refused(&world, &[("Code", code)]).await;
    assert_eq!(code, "InvalidParameterValueException");
    // There is no other service in this test.
    let start = "Error occurred while GetObject. S3 Error Code: UnsupportedOperation. S3 Error";
    assert!(message.starts_with(start), "{message}");
}

#[tokio::test]
async fn limits_are_told_in_the_official_words() {
    let world = World::in_memory();
    let (code, message) = refused(&world, &[("Timeout", json!(901))]).await;
    assert_eq!(code, "ValidationException");
    assert_eq!(
        message,
        "1 validation error detected: Value '901' at 'timeout' failed to satisfy \
        constraint: Member must have value less than or equal to 900"
    );
    for (name, value, member, bound) in [
        ("Timeout", json!(0), "timeout", "greater than or equal to 1"),
        ("MemorySize", json!(127), "memorySize", "greater than or equal to 128"),
        ("MemorySize", json!(10_241), "memorySize", "less than or equal to 10240"),
        (
            "EphemeralStorage",
            json!({"Size": 511}),
            "ephemeralStorage.size",
            "greater than or equal to 512",
        ),
        (
            "EphemeralStorage",
            json!({"Size": 10_241}),
            "ephemeralStorage.size",
            "less than or equal to 10240",
        ),
    ] {
        let (code, message) = refused(&world, &[(name, value)]).await;
        assert_eq!(code, "ValidationException", "{name}");
        let expected =
            format!("at '{member}' failed to satisfy constraint: Member must have value {bound}");
        assert!(message.ends_with(&expected), "{message}");
    }
    let reserved = json!({"Variables": {"AWS_REGION": "x"}});
    let (_, message) = refused(&world, &[("Environment", reserved)]).await;
    assert!(message.ends_with("Reserved keys used in this request: AWS_REGION"), "{message}");
    let long = json!({"Variables": {"AB": "x".repeat(4096)}});
    let (_, message) = refused(&world, &[("Environment", long)]).await;
    assert!(message.contains("exceeded the 4KB limit. String measured: {\"AB\":\"xx"), "{message}");
    let text = json!({"ZipFile": base64(b"no zip")});
    let (code, message) = refused(&world, &[("Code", text)]).await;
    assert_eq!(code, "InvalidParameterValueException");
    assert!(message.starts_with("Could not unzip uploaded file."));
    let packed = json!({"ZipFile": base64(&vec![0; (50 << 20) + 1])});
    let (_, message) = refused(&world, &[("Code", packed)]).await;
    assert_eq!(message, "Zipped size must be smaller than 52428800 bytes");
    let missing = json!({"S3Bucket": "pileus-code", "S3Key": "0".repeat(64)});
    let (_, message) = refused(&world, &[("Code", missing)]).await;
    assert!(message.contains("NoSuchKey"), "{message}");
}

#[tokio::test]
async fn uploaded_code_is_what_a_function_runs() {
    let world = World::in_memory();
    let zip = zip("index.py", "uploaded");
    let hash = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&zip));
    let path = format!("/_pileus/code/{hash}");
    let anonymous = world.bed.anonymous();
    assert_eq!(anonymous.rest("lambda", "PUT", &path, zip.clone().into()).await.status, 403);
    let root = world.bed.root();
    assert_eq!(root.rest("lambda", "PUT", "/_pileus/code/0", zip.clone().into()).await.status, 400);
    let reply = root.rest("lambda", "PUT", &path, zip.into()).await;
    assert_eq!(reply.json(), json!({"Bucket": "pileus-code", "Key": hash}));
    let mut input = function();
    input["Code"] = json!({"S3Bucket": "pileus-code", "S3Key": hash});
    world.ok("CreateFunction", input).await;
    let reply = world.invoke("RequestResponse", &json!({"code": "index.py"})).await;
    assert_eq!(reply.json(), "uploaded");
}
