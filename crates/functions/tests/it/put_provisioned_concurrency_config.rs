use crate::{
    common::{World, everywhere, function},
    create_alias::two_versions,
};
use serde_json::{Value, json};

/// Has the world's node keep instances ready, as a server does.
pub(crate) fn keep(world: &World) {
    tokio::spawn(world.functions.clone().keep_provisioned());
}

pub(crate) fn of(qualifier: &str) -> Value {
    json!({"FunctionName": "f", "Qualifier": qualifier})
}

/// The input that has so many instances of a qualifier of `f` kept ready.
pub(crate) fn wanted(qualifier: &str, count: u32) -> Value {
    let mut input = of(qualifier);
    input["ProvisionedConcurrentExecutions"] = count.into();
    input
}

pub(crate) async fn provision(world: &World, qualifier: &str, count: u32) -> Value {
    world.ok("PutProvisionedConcurrencyConfig", wanted(qualifier, count)).await
}

/// What is told of a qualifier as soon as it has that status.
pub(crate) async fn settled(world: &World, qualifier: &str, status: &str) -> Value {
    loop {
        let told = world.ok("GetProvisionedConcurrencyConfig", of(qualifier)).await;
        if told["Status"] == status {
            return told;
        }
        tokio::task::yield_now().await;
    }
}

async fn alias(world: &World, operation: &str, version: &str, weights: Value) {
    let routing = json!({"AdditionalVersionWeights": weights});
    let input = json!({"FunctionName": "f", "Name": "live", "FunctionVersion": version,
        "RoutingConfig": routing});
    world.ok(operation, input).await;
}

async fn unreserved(world: &World) -> Value {
    let settings = world.ok("GetAccountSettings", json!({})).await;
    settings["AccountLimit"]["UnreservedConcurrentExecutions"].clone()
}

/// Why the instance was started that an invocation ran on.
async fn started(world: &World, qualifier: &str) -> Value {
    let event = json!({"environment": "AWS_LAMBDA_INITIALIZATION_TYPE"});
    world.invoke_qualified(qualifier, &event).await.json()
}

#[tokio::test]
async fn instances_of_a_version_are_started_before_it_is_called_and_serve_its_calls() {
    everywhere(async |world| {
        two_versions(&world).await;
        keep(&world);
        let told = provision(&world, "1", 2).await;
        assert_eq!(
            (&told["Status"], &told["RequestedProvisionedConcurrentExecutions"]),
            (&json!("IN_PROGRESS"), &json!(2))
        );
        assert_eq!(told["AllocatedProvisionedConcurrentExecutions"], 0);
        let told = settled(&world, "1", "READY").await;
        for which in ["Requested", "Available", "Allocated"] {
            assert_eq!(told[format!("{which}ProvisionedConcurrentExecutions")], 2, "{which}");
        }
        assert_eq!(world.functions.pools().status().instances, 2);
        assert_eq!(unreserved(&world).await, 998);
        assert_eq!(started(&world, "1").await, "provisioned-concurrency");
        assert_eq!(started(&world, "2").await, "on-demand");
        provision(&world, "1", 1).await;
        while world.functions.pools().status().instances > 2 {
            tokio::task::yield_now().await;
        }
        assert_eq!(unreserved(&world).await, 999);
        world.ok("DeleteFunction", json!({"FunctionName": "f"})).await;
        assert_eq!(unreserved(&world).await, 1_000);
    })
    .await;
}

#[tokio::test]
async fn instances_follow_an_alias_and_its_weights() {
    let world = World::in_memory();
    two_versions(&world).await;
    alias(&world, "CreateAlias", "1", json!({})).await;
    keep(&world);
    provision(&world, "live", 4).await;
    settled(&world, "live", "READY").await;
    assert_eq!(started(&world, "live").await, "provisioned-concurrency");
    alias(&world, "UpdateAlias", "1", json!({"2": 0.25})).await;
    settled(&world, "live", "READY").await;
    assert_eq!(started(&world, "2").await, "provisioned-concurrency");
    let ready = |version: &str| {
        let all = world.functions.pools().all_provisioned();
        all.into_iter().find(|(key, _)| key.version == version).map(|(_, status)| status.wanted)
    };
    assert_eq!((ready("1"), ready("2")), (Some(3), Some(1)));
    let text = "Alias with weights can not be used with Provisioned Concurrency";
    for (operation, input) in [
        ("PutProvisionedConcurrencyConfig", wanted("live", 2)),
        ("DeleteProvisionedConcurrencyConfig", of("live")),
    ] {
        let fault = world.fault(operation, input).await;
        assert_eq!(fault, ("InvalidParameterValueException".to_owned(), text.to_owned()));
    }
    alias(&world, "UpdateAlias", "2", json!({})).await;
    while ready("2") != Some(4) || ready("1").is_some() {
        tokio::task::yield_now().await;
    }
    settled(&world, "live", "READY").await;
    assert_eq!(started(&world, "1").await, "on-demand");
    world.ok("DeleteAlias", json!({"FunctionName": "f", "Name": "live"})).await;
    assert_eq!(unreserved(&world).await, 1_000);
}

#[tokio::test]
async fn a_version_has_one_configuration_and_the_latest_has_none() {
    let world = World::in_memory();
    two_versions(&world).await;
    alias(&world, "CreateAlias", "1", json!({})).await;
    let put = "PutProvisionedConcurrencyConfig";
    let (code, text) = world.fault(put, wanted("$LATEST", 1)).await;
    assert_eq!(code, "InvalidParameterValueException");
    let unpublished =
        "Provisioned Concurrency Configs cannot be applied to unpublished function versions.";
    assert_eq!(text, unpublished);
    for gone in ["3", "none"] {
        assert_eq!(world.fault(put, wanted(gone, 1)).await.0, "ResourceNotFoundException");
    }
    provision(&world, "live", 1).await;
    let (code, text) = world.fault(put, wanted("1", 1)).await;
    assert_eq!(code, "ResourceConflictException");
    assert_eq!(text, "Version is pointed by a Provisioned Concurrency alias");
    provision(&world, "2", 1).await;
    let moved = json!({"FunctionName": "f", "Name": "live", "FunctionVersion": "2"});
    let (code, text) = world.fault("UpdateAlias", moved).await;
    assert_eq!(code, "InvalidParameterValueException");
    assert_eq!(text, "Invalid alias configuration for Provisioned Concurrency");
    let other = json!({"FunctionName": "f", "Name": "other", "FunctionVersion": "2"});
    world.ok("CreateAlias", other).await;
    let (code, text) = world.fault(put, wanted("other", 1)).await;
    assert_eq!(code, "ResourceConflictException");
    let expected = "Alias can't be used for Provisioned Concurrency configuration on an already \
                    Provisioned version";
    assert_eq!(text, expected);
    let latest = json!({"FunctionName": "f", "Name": "newest", "FunctionVersion": "$LATEST"});
    world.ok("CreateAlias", latest).await;
    assert_eq!(world.fault(put, wanted("newest", 1)).await.1, unpublished);
    assert!(world.fault(put, wanted("1", 0)).await.1.contains("greater than or equal to 1"));
}

#[tokio::test]
async fn what_is_provisioned_lies_within_what_is_reserved_and_leaves_enough_for_others() {
    let world = World::in_memory();
    two_versions(&world).await;
    let mut other = function();
    other["FunctionName"] = "g".into();
    world.ok("CreateFunction", other).await;
    let reserve = async |count: u32| {
        let input = json!({"FunctionName": "f", "ReservedConcurrentExecutions": count});
        world.call("PutFunctionConcurrency", input).await
    };
    let put = "PutProvisionedConcurrencyConfig";
    reserve(10).await.unwrap();
    provision(&world, "1", 6).await;
    let (code, text) = world.fault(put, wanted("2", 5)).await;
    assert_eq!(code, "InvalidParameterValueException");
    let expected = "Requested Provisioned Concurrency should not be greater than the \
                    reservedConcurrentExecution for function";
    assert_eq!(text, expected);
    provision(&world, "2", 4).await;
    assert_eq!(unreserved(&world).await, 990);
    let refused = reserve(9).await.unwrap_err();
    assert!(refused.message().ends_with("total provisioned concurrency [10]."), "{refused}");
    world.ok("DeleteFunctionConcurrency", json!({"FunctionName": "f"})).await;
    assert_eq!(unreserved(&world).await, 990);
    provision(&world, "1", 896).await;
    assert_eq!(unreserved(&world).await, 100);
    let (_, text) = world.fault(put, wanted("1", 897)).await;
    assert!(text.ends_with("UnreservedConcurrentExecution below its minimum value of [100]."));
    let (_, text) = world.fault(put, wanted("1", 1_001)).await;
    assert!(text.ends_with("greater than account's unreserved concurrency [1000]."), "{text}");
    let input = json!({"FunctionName": "g", "ReservedConcurrentExecutions": 1});
    assert!(world.fault("PutFunctionConcurrency", input).await.1.contains("minimum value of"));
    world.ok("DeleteFunction", json!({"FunctionName": "f", "Qualifier": "1"})).await;
    assert_eq!(unreserved(&world).await, 996);
}
