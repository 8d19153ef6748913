use crate::common::{FUNCTION, QUEUE, ROLE, World};
use serde_json::{Map, Value, json};
use service::{Caller, Desired, Resource, ResourceContext, ResourceProvider};
use std::sync::Arc;
use testkit::ACCOUNT;

fn context(world: &World, logical_id: &str) -> ResourceContext {
    let platform = &world.bed.platform;
    ResourceContext {
        caller: Caller::root(ACCOUNT.parse().unwrap()),
        calls: world.bed.dispatcher.clone(),
        account: platform.account.clone(),
        region: platform.region.clone(),
        stack_id: "arn:aws:cloudformation:eu-central-1:000000000000:stack/s/1".to_owned(),
        stack_name: "s".to_owned(),
        logical_id: logical_id.to_owned(),
        stack_tags: types::Tags::from([("team".to_owned(), "a".to_owned())]),
        step: service::Step::default(),
    }
}

fn provider(world: &World, name: &str) -> Arc<dyn ResourceProvider> {
    let all = functions::definition(&world.functions).resources;
    all.into_iter().find(|one| one.resource_type() == name).unwrap()
}

fn map(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

async fn create(world: &World, kind: &str, properties: &Map<String, Value>) -> Resource {
    let desired = Desired { properties, generated_name: "s-Made-0123456789AB" };
    provider(world, kind).create(&context(world, "Made"), desired).await.unwrap()
}

/// Runs a creation again whose first run was not heard of.
async fn create_again(world: &World, kind: &str, properties: &Map<String, Value>) -> Resource {
    let desired = Desired { properties, generated_name: "s-Made-0123456789AB" };
    let mut cx = context(world, "Made");
    cx.step.again = true;
    provider(world, kind).create(&cx, desired).await.unwrap()
}

/// The code of the fault of a creation that finds what somebody else has made.
async fn conflict(world: &World, kind: &str, properties: &Map<String, Value>) -> String {
    let desired = Desired { properties, generated_name: "s-Other-0123456789AB" };
    let fault = provider(world, kind).create(&context(world, "Other"), desired).await.unwrap_err();
    fault.code().to_owned()
}

fn inline(text: &str) -> Map<String, Value> {
    map(json!({"FunctionName": "f", "Runtime": "python3.12", "Handler": "index.handler",
        "Role": ROLE, "Timeout": "7", "Code": {"ZipFile": text},
        "Environment": {"Variables": {"NUMBER": 1}}}))
}

#[tokio::test]
async fn an_inline_function_is_packed_created_twice_as_once_changed_and_deleted() {
    let world = World::in_memory();
    let before = inline("one");
    let kind = "AWS::Lambda::Function";
    for _ in 0..2 {
        let made = create(&world, kind, &before).await;
        assert_eq!((made.physical_id.as_str(), &made.attributes["Arn"]), ("f", &json!(FUNCTION)));
    }
    assert_eq!(world.invoke("RequestResponse", &json!({"code": "index.py"})).await.json(), "one");
    let mut after = inline("two");
    after.remove("Timeout");
    let (provider, cx) = (provider(&world, kind), context(&world, "Made"));
    let desired = Desired { properties: &after, generated_name: "x" };
    provider.update(&cx, "f", &before, desired).await.unwrap();
    let found = world.ok("GetFunction", json!({"FunctionName": "f"})).await;
    assert_eq!(
        (&found["Configuration"]["Timeout"], &found["Tags"]["team"]),
        (&json!(3), &json!("a"))
    );
    assert_eq!(world.invoke("RequestResponse", &json!({"code": "index.py"})).await.json(), "two");
    for _ in 0..2 {
        provider.delete(&cx, "f", &after).await.unwrap();
    }
}

#[tokio::test]
async fn a_function_of_somebody_else_is_not_taken() {
    let world = World::in_memory();
    world.create().await;
    let (provider, cx) = (provider(&world, "AWS::Lambda::Function"), context(&world, "Made"));
    let properties = inline("mine");
    let desired = Desired { properties: &properties, generated_name: "x" };
    let fault = provider.create(&cx, desired).await.unwrap_err();
    assert_eq!(fault.code(), "ResourceConflictException");
}

#[tokio::test]
async fn what_cannot_be_had_is_found_before_anything_is_created() {
    let world = World::in_memory();
    let provider = provider(&world, "AWS::Lambda::Function");
    for (properties, path) in [
        (json!({"Runtime": "java21"}), "Runtime"),
        (json!({"Code": {"ImageUri": "x"}}), "Code.ImageUri"),
    ] {
        assert_eq!(provider.check(&map(properties)).unwrap_err().path, path);
    }
}

#[tokio::test]
async fn permission_url_mapping_and_settings_are_made_twice_as_once_and_deleted() {
    let world = World::in_memory();
    world.create().await;
    let cx = context(&world, "Made");
    for (kind, properties, attribute) in [
        (
            "AWS::Lambda::Permission",
            json!({"FunctionName": "f", "Principal": "*",
            "Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": "true"}),
            Some("Id"),
        ),
        (
            "AWS::Lambda::Url",
            json!({"TargetFunctionArn": FUNCTION, "AuthType": "NONE"}),
            Some("FunctionUrl"),
        ),
        (
            "AWS::Lambda::EventSourceMapping",
            json!({"FunctionName": "f", "EventSourceArn": QUEUE,
            "BatchSize": "5"}),
            Some("EventSourceMappingArn"),
        ),
        (
            "AWS::Lambda::EventInvokeConfig",
            json!({"FunctionName": "f", "Qualifier": "$LATEST",
            "MaximumRetryAttempts": "1"}),
            None,
        ),
    ] {
        let properties = map(properties);
        let first = create(&world, kind, &properties).await;
        assert_eq!(create_again(&world, kind, &properties).await, first, "{kind}");
        if kind != "AWS::Lambda::Permission" {
            assert_eq!(conflict(&world, kind, &properties).await, "AlreadyExists", "{kind}");
        }
        assert!(attribute.is_none_or(|name| first.attributes[name].is_string()), "{kind}");
        let provider = provider(&world, kind);
        let desired = Desired { properties: &properties, generated_name: "s-Made-0123456789AB" };
        let updated = provider.update(&cx, &first.physical_id, &properties, desired).await;
        assert_eq!(updated.unwrap().physical_id, first.physical_id, "{kind}");
        for _ in 0..2 {
            provider.delete(&cx, &first.physical_id, &properties).await.unwrap();
        }
    }
}

#[tokio::test]
async fn versions_and_aliases_of_a_stack_follow_its_function() {
    let world = World::in_memory();
    world.create().await;
    let cx = context(&world, "Made");
    let (version, alias) = ("AWS::Lambda::Version", "AWS::Lambda::Alias");
    let of = map(json!({"FunctionName": "f"}));
    let first = create(&world, version, &of).await;
    assert_eq!(create(&world, version, &of).await, first);
    assert_eq!(first.physical_id, format!("{FUNCTION}:1"));
    assert_eq!(first.attributes["Version"], "1");
    let named = |version: &str, weights: Value| {
        map(json!({"FunctionName": "f", "Name": "live", "FunctionVersion": version,
            "RoutingConfig": {"AdditionalVersionWeights": weights}}))
    };
    let before = named("1", json!([]));
    let made = create(&world, alias, &before).await;
    assert_eq!(create_again(&world, alias, &before).await, made);
    assert_eq!(conflict(&world, alias, &before).await, "AlreadyExists");
    assert_eq!(made.physical_id, format!("{FUNCTION}:live"));
    world.ok("UpdateFunctionConfiguration", json!({"FunctionName": "f", "Timeout": 9})).await;
    let second = create(&world, version, &of).await;
    assert_eq!(second.attributes["Version"], "2");
    let weights = json!([{"FunctionVersion": "1", "FunctionWeight": "0.5"}]);
    let after = named("2", weights);
    let desired = Desired { properties: &after, generated_name: "x" };
    provider(&world, alias).update(&cx, &made.physical_id, &before, desired).await.unwrap();
    let found = world.ok("GetAlias", json!({"FunctionName": "f", "Name": "live"})).await;
    assert_eq!(found["RoutingConfig"]["AdditionalVersionWeights"], json!({"1": 0.5}));
    let url = map(json!({"TargetFunctionArn": "f", "Qualifier": "live", "AuthType": "AWS_IAM"}));
    let linked = create(&world, "AWS::Lambda::Url", &url).await;
    assert_eq!(create_again(&world, "AWS::Lambda::Url", &url).await, linked);
    assert_eq!(linked.physical_id, format!("{FUNCTION}:live"));
    for (kind, id, properties) in [
        ("AWS::Lambda::Url", &linked.physical_id, &url),
        (alias, &made.physical_id, &after),
        (version, &second.physical_id, &of),
        (version, &first.physical_id, &of),
    ] {
        for _ in 0..2 {
            provider(&world, kind).delete(&cx, id, properties).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_layer_version_of_a_stack_is_published_and_deleted() {
    let world = World::in_memory();
    let kind = "AWS::Lambda::LayerVersion";
    let content = crate::publish_layer_version::layer("tools", "a", "x")["Content"].clone();
    let properties = map(json!({"Content": content, "CompatibleRuntimes": ["python3.12"]}));
    let made = create(&world, kind, &properties).await;
    assert_eq!(made.attributes["LayerVersionArn"], made.physical_id.as_str());
    assert!(made.physical_id.ends_with(":layer:s-Made-0123456789AB:1"), "{made:?}");
    let (provider, cx) = (provider(&world, kind), context(&world, "Made"));
    for _ in 0..2 {
        provider.delete(&cx, &made.physical_id, &properties).await.unwrap();
    }
}

#[tokio::test]
async fn a_version_and_an_alias_of_a_stack_are_made_when_their_instances_are_ready() {
    let world = World::in_memory();
    world.create().await;
    crate::put_provisioned_concurrency_config::keep(&world);
    let (version, alias) = ("AWS::Lambda::Version", "AWS::Lambda::Alias");
    let cx = context(&world, "Made");
    let provisioned = |count: &str| json!({"ProvisionedConcurrentExecutions": count});
    let of = map(json!({"FunctionName": "f", "ProvisionedConcurrencyConfig": provisioned("2")}));
    let made = until_done(&world, version, &of).await;
    assert_eq!(made.attributes["Version"], "1");
    assert_eq!(world.functions.pools().status().instances, 2);
    let plain = map(json!({"FunctionName": "f"}));
    let desired = Desired { properties: &plain, generated_name: "x" };
    provider(&world, version).update(&cx, &made.physical_id, &of, desired).await.unwrap();
    let named = |count: &str| {
        map(json!({"FunctionName": "f", "Name": "live", "FunctionVersion": "1",
            "ProvisionedConcurrencyConfig": provisioned(count)}))
    };
    let before = named("1");
    let made = until_done(&world, alias, &before).await;
    assert_eq!(made.physical_id, format!("{FUNCTION}:live"));
    let after = named("3");
    loop {
        let desired = Desired { properties: &after, generated_name: "x" };
        match provider(&world, alias).update(&cx, &made.physical_id, &before, desired).await {
            Ok(_) => break,
            Err(fault) => assert!(fault.asks_again().is_some(), "{fault}"),
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(world.functions.pools().status().instances, 3);
    let more = json!({"ProvisionedConcurrencyConfig": {"Other": 1}});
    let refused = provider(&world, alias).check(&map(more)).unwrap_err();
    assert_eq!(refused.path, "ProvisionedConcurrencyConfig.Other");
    provider(&world, alias).delete(&cx, &made.physical_id, &after).await.unwrap();
}

#[tokio::test]
async fn an_alias_of_a_stack_whose_instances_cannot_start_fails_with_the_reason() {
    let world = World::in_memory();
    world.create().await;
    let runtime = json!({"FunctionName": "f", "Runtime": "python3.15"});
    world.ok("UpdateFunctionConfiguration", runtime).await;
    world.ok("PublishVersion", json!({"FunctionName": "f"})).await;
    crate::put_provisioned_concurrency_config::keep(&world);
    let properties = map(json!({"FunctionName": "f", "Name": "live", "FunctionVersion": "1",
        "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 1}}));
    let mut cx = context(&world, "Made");
    let fault = loop {
        let desired = Desired { properties: &properties, generated_name: "x" };
        let fault = provider(&world, "AWS::Lambda::Alias").create(&cx, desired).await.unwrap_err();
        assert_eq!(fault.left(), Some(format!("{FUNCTION}:live").as_str()));
        if fault.asks_again().is_none() {
            break fault;
        }
        cx.step.again = true;
        tokio::task::yield_now().await;
    };
    let text = "Provisioned Concurrency configuration failed to be applied. Reason: no interpreter";
    assert!(fault.message().starts_with(text), "{fault}");
}

/// Creates a resource that takes several steps.
async fn until_done(world: &World, kind: &str, properties: &Map<String, Value>) -> Resource {
    let mut cx = context(world, "Made");
    loop {
        let desired = Desired { properties, generated_name: "s-Made-0123456789AB" };
        match provider(world, kind).create(&cx, desired).await {
            Ok(made) => return made,
            Err(fault) => assert!(fault.asks_again().is_some(), "{fault}"),
        }
        cx.step.again = true;
        tokio::task::yield_now().await;
    }
}
