use crate::common::{FUNCTION, World, base64, everywhere, ran, zip};
use serde_json::json;

/// `f` with two versions.
pub(crate) async fn two_versions(world: &World) {
    world.create().await;
    world.ok("PublishVersion", json!({"FunctionName": "f"})).await;
    let zip = base64(&zip("index.py", "two"));
    let input = json!({"FunctionName": "f", "ZipFile": zip, "Publish": true});
    world.ok("UpdateFunctionCode", input).await;
}

#[tokio::test]
async fn an_alias_means_its_version_wherever_a_function_is_named() {
    everywhere(async |world| {
        two_versions(&world).await;
        let input = json!({"FunctionName": "f", "Name": "live", "FunctionVersion": "1"});
        let alias = world.ok("CreateAlias", input.clone()).await;
        let arn = format!("{FUNCTION}:live");
        assert_eq!(alias["AliasArn"], json!(arn));
        let (code, text) = world.fault("CreateAlias", input).await;
        assert_eq!(code, "ResourceConflictException");
        assert_eq!(text, format!("Alias already exists: {arn}"));
        let found = world.ok("GetFunctionConfiguration", json!({"FunctionName": arn})).await;
        assert_eq!((&found["FunctionArn"], &found["Version"]), (&json!(arn), &json!("1")));
        let reply = world.invoke_qualified("live", &json!({"code": "index.py"})).await;
        assert_eq!((reply.json(), ran(&reply)), ("one".into(), "1"));
    })
    .await;
}

#[tokio::test]
async fn an_alias_has_its_own_policy_url_and_settings() {
    let world = World::in_memory();
    two_versions(&world).await;
    let input = json!({"FunctionName": "f", "Name": "live", "FunctionVersion": "1"});
    world.ok("CreateAlias", input).await;
    let of = |qualifier: Option<&str>| match qualifier {
        Some(qualifier) => json!({"FunctionName": "f", "Qualifier": qualifier}),
        None => json!({"FunctionName": "f"}),
    };
    let mut input = json!({"StatementId": "s", "Action": "lambda:InvokeFunction",
        "Principal": "sns.amazonaws.com", "FunctionName": "f", "Qualifier": "live"});
    world.ok("AddPermission", input.clone()).await;
    let policy = world.ok("GetPolicy", of(Some("live"))).await;
    assert!(policy["Policy"].as_str().unwrap().contains(&format!("{FUNCTION}:live")));
    assert_eq!(world.fault("GetPolicy", of(None)).await.0, "ResourceNotFoundException");
    input["Qualifier"] = "gone".into();
    assert_eq!(world.fault("AddPermission", input).await.0, "ResourceNotFoundException");
    for qualifier in [None, Some("live")] {
        let mut input = of(qualifier);
        input["AuthType"] = "AWS_IAM".into();
        world.ok("CreateFunctionUrlConfig", input).await;
        let mut input = of(qualifier);
        input["MaximumRetryAttempts"] = u32::from(qualifier.is_some()).into();
        world.ok("PutFunctionEventInvokeConfig", input).await;
    }
    let urls = world.ok("ListFunctionUrlConfigs", of(None)).await;
    assert_eq!(urls["FunctionUrlConfigs"][0]["FunctionArn"], FUNCTION);
    assert_eq!(urls["FunctionUrlConfigs"][1]["FunctionArn"], format!("{FUNCTION}:live"));
    let configs = world.ok("ListFunctionEventInvokeConfigs", of(None)).await;
    let configs = configs["FunctionEventInvokeConfigs"].as_array().unwrap();
    assert_eq!(configs[0]["FunctionArn"], format!("{FUNCTION}:$LATEST"));
    assert_eq!(configs[1]["FunctionArn"], format!("{FUNCTION}:live"));
    assert_eq!(configs[1]["MaximumRetryAttempts"], 1);
}

/// Texts as recorded in LocalStack's validated snapshots of AWS's answers.
#[tokio::test]
async fn an_alias_names_versions_that_exist_and_two_at_most() {
    let world = World::in_memory();
    two_versions(&world).await;
    let cases = [
        ("9", json!({}), "Function not found:"),
        ("$LATEST", json!({"1": 0.5}), "$LATEST is not supported for an alias pointing to more"),
        (
            "1",
            json!({"$LATEST": 0.5}),
            "1 validation error detected: Value '$LATEST' at 'routingConfig",
        ),
        ("1", json!({"1": 0.5}), "Invalid function version 1. Function version 1 is already"),
        ("1", json!({"2": 0.5, "3": 0.5}), "Number of items in AdditionalVersionWeights cannot be"),
        ("1", json!({"9": 0.5}), "Function not found:"),
        ("1", json!({"2": 2.0}), "1 validation error detected: Value '2"),
    ];
    for (version, weights, expected) in cases {
        let input = json!({"FunctionName": "f", "Name": "live", "FunctionVersion": version,
            "RoutingConfig": {"AdditionalVersionWeights": weights}});
        let (_, text) = world.fault("CreateAlias", input).await;
        assert!(text.starts_with(expected), "{version} {weights}: {text}");
    }
    let input = json!({"FunctionName": "f", "Name": "a", "FunctionVersion": "$LATEST"});
    world.ok("CreateAlias", input).await;
}
