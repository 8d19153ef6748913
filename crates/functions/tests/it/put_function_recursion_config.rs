use crate::common::{FUNCTION, QUEUE, World, everywhere, function};
use serde_json::{Value, json};
use service::Attempted;
use sha2::{Digest, Sha256};
use testkit::Reply;

/// A trace header that says that `f` ran so often in its chain.
pub(crate) fn ran(count: u32) -> String {
    let hash = Sha256::digest(FUNCTION);
    let hash: String = hash[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0;\
             Lineage=0badcafe:3%7C{hash}:{count}"
    )
}

async fn invoke(world: &World, kind: &str, trace: &str) -> Reply {
    let request = http::Request::post("/2015-03-31/functions/f/invocations")
        .header("X-Amz-Invocation-Type", kind)
        .header("X-Amzn-Trace-Id", trace);
    world.bed.root().send("lambda", request, "{}".into()).await
}

async fn configure(world: &World, recursive_loop: &str) -> Value {
    let input = json!({"FunctionName": "f", "RecursiveLoop": recursive_loop});
    world.ok("PutFunctionRecursionConfig", input).await
}

#[tokio::test]
async fn a_function_that_ran_sixteen_times_in_a_chain_is_stopped_unless_it_may_go_on() {
    everywhere(async |world| {
        world.create().await;
        assert_eq!(invoke(&world, "RequestResponse", &ran(15)).await.status, 200);
        let stopped = invoke(&world, "RequestResponse", &ran(16)).await;
        assert_eq!(stopped.status, 400);
        assert_eq!(stopped.headers["x-amzn-errortype"], "RecursiveInvocationException");
        assert_eq!(
            stopped.json()["Message"],
            "Lambda has detected your function being invoked in a recursive loop with other Amazon \
             Web Services resources and stopped your function's invocation."
        );
        assert_eq!(configure(&world, "Allow").await, json!({"RecursiveLoop": "Allow"}));
        assert_eq!(invoke(&world, "RequestResponse", &ran(99)).await.status, 200);
        assert_eq!(configure(&world, "Terminate").await, json!({"RecursiveLoop": "Terminate"}));
        assert_eq!(invoke(&world, "RequestResponse", &ran(16)).await.status, 400);
        // What comes from elsewhere runs.
        assert_eq!(invoke(&world, "RequestResponse", "Root=1-0-0").await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a_stopped_event_goes_to_its_destination_and_dead_letter_queue_without_a_retry() {
    let world = World::in_memory();
    let mut input = function();
    input["DeadLetterConfig"] = json!({"TargetArn": QUEUE});
    world.ok("CreateFunction", input).await;
    let input = json!({"FunctionName": "f",
        "DestinationConfig": {"OnFailure": {"Destination": QUEUE}}});
    world.ok("PutFunctionEventInvokeConfig", input).await;
    assert_eq!(invoke(&world, "Event", &ran(16)).await.status, 202);
    let delivery = world.waiting().await.remove(0);
    let Attempted::Done(letters) = world.attempt(&delivery).await else { panic!("tried again") };
    assert_eq!(letters.len(), 2);
    let record: Value = serde_json::from_str(&letters[0].payload).unwrap();
    assert_eq!(record["requestContext"]["condition"], "RecursiveInvocation");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 0);
    assert_eq!(letters[1].payload, "{}");
    assert_eq!(letters[1].trace.as_deref(), Some(&*ran(16)), "the chain goes on");
    let dropped =
        world.bed.platform.metrics.to_json()["pileus_function_recursive_invocations_dropped_total"]
            .take();
    assert_eq!(
        (&dropped[0]["labels"], &dropped[0]["value"]),
        (&json!({"function": "f"}), &json!(1.0))
    );
}
