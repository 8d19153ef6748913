use crate::common::{World, everywhere, function};
use serde_json::{Value, json};

async fn reserve(world: &World, name: &str, instances: u32) -> Value {
    let input = json!({"FunctionName": name, "ReservedConcurrentExecutions": instances});
    world.ok("PutFunctionConcurrency", input).await
}

async fn unreserved(world: &World) -> Value {
    let settings = world.ok("GetAccountSettings", json!({})).await;
    settings["AccountLimit"]["UnreservedConcurrentExecutions"].clone()
}

#[tokio::test]
async fn what_is_reserved_is_told_and_taken_from_what_is_shared() {
    everywhere(async |world| {
        world.create().await;
        let of = json!({"FunctionName": "f"});
        assert_eq!(world.ok("GetFunctionConcurrency", of.clone()).await, json!({}));
        let answer = reserve(&world, "f", 7).await;
        assert_eq!(answer, json!({"ReservedConcurrentExecutions": 7}));
        assert_eq!(world.ok("GetFunctionConcurrency", of.clone()).await, answer);
        assert_eq!(world.ok("GetFunction", of.clone()).await["Concurrency"], answer);
        reserve(&world, "f", 5).await;
        assert_eq!(unreserved(&world).await, 995);
        let mut other = function();
        other["FunctionName"] = "g".into();
        world.ok("CreateFunction", other).await;
        reserve(&world, "g", 10).await;
        assert_eq!(unreserved(&world).await, 985);
        world.ok("DeleteFunction", json!({"FunctionName": "g"})).await;
        assert_eq!(unreserved(&world).await, 995);
        world.ok("DeleteFunctionConcurrency", of.clone()).await;
        world.ok("DeleteFunctionConcurrency", of.clone()).await;
        assert_eq!(unreserved(&world).await, 1_000);
        assert_eq!(world.ok("GetFunctionConcurrency", of).await, json!({}));
    })
    .await;
}

/// The text is the one that the Serverless Framework's and Terraform's users report.
#[tokio::test]
async fn enough_is_left_for_the_others() {
    let world = World::in_memory();
    world.create().await;
    reserve(&world, "f", 900).await;
    let input = json!({"FunctionName": "f", "ReservedConcurrentExecutions": 901});
    let (code, message) = world.fault("PutFunctionConcurrency", input).await;
    assert_eq!(code, "InvalidParameterValueException");
    assert_eq!(
        message,
        "Specified ReservedConcurrentExecutions for function decreases account's \
         UnreservedConcurrentExecution below its minimum value of [100]."
    );
    assert_eq!(unreserved(&world).await, 100);
    let gone = json!({"FunctionName": "none", "ReservedConcurrentExecutions": 1});
    let (code, _) = world.fault("PutFunctionConcurrency", gone).await;
    assert_eq!(code, "ResourceNotFoundException");
}

#[tokio::test]
async fn a_function_that_may_not_run_at_all_is_throttled_in_every_version() {
    let world = World::in_memory();
    world.create().await;
    world.ok("PublishVersion", json!({"FunctionName": "f"})).await;
    reserve(&world, "f", 0).await;
    for qualifier in ["$LATEST", "1"] {
        let input = json!({"FunctionName": "f", "Qualifier": qualifier});
        let (code, message) = world.fault("Invoke", input).await;
        assert_eq!(
            (code.as_str(), message.as_str()),
            ("TooManyRequestsException", "Rate Exceeded.")
        );
    }
    world.ok("DeleteFunctionConcurrency", json!({"FunctionName": "f"})).await;
    world.ok("Invoke", json!({"FunctionName": "f", "Qualifier": "1"})).await;
}
