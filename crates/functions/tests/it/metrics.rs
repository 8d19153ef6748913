use crate::common::World;
use serde_json::{Value, json};
use std::time::Duration;

/// The samples of a family with their labels as text: `{"function":"f"} 1`.
fn samples(world: &World, family: &str) -> Vec<String> {
    let all = world.bed.platform.metrics.to_json();
    let samples = all[family].as_array().cloned().unwrap_or_default();
    let number = |one: &Value| one.get("value").or(one.get("count")).cloned().unwrap();
    samples.iter().map(|one| format!("{} {}", one["labels"], number(one))).collect()
}

#[tokio::test]
async fn what_becomes_of_invocations_is_counted_by_function() {
    let world = World::in_memory();
    world.create().await;
    for payload in [json!({}), json!({}), json!({"fail": "no"})] {
        world.invoke("RequestResponse", &payload).await;
    }
    world.invoke("Event", &json!({})).await;
    let delivery = world.waiting().await.remove(0);
    world.bed.clock.advance(Duration::from_secs(30));
    world.attempt(&delivery).await;
    let none = json!({"FunctionName": "f", "ReservedConcurrentExecutions": 0});
    world.ok("PutFunctionConcurrency", none).await;
    assert_eq!(world.invoke("RequestResponse", &json!({})).await.status, 429);

    let of = |family: &str| samples(&world, family);
    assert_eq!(of("pileus_function_invocations_total"), [r#"{"function":"f"} 4.0"#]);
    assert_eq!(of("pileus_function_errors_total"), [r#"{"function":"f"} 1.0"#]);
    assert_eq!(of("pileus_function_throttles_total"), [r#"{"function":"f"} 1.0"#]);
    assert_eq!(of("pileus_function_duration_seconds"), [r#"{"function":"f"} 4"#]);
    assert_eq!(of("pileus_function_cold_starts_total"), [r#"{"function":"f"} 1.0"#]);
    assert_eq!(
        of("pileus_cold_start_seconds"),
        [r#"{"phase":"init"} 1"#, r#"{"phase":"queue"} 1"#, r#"{"phase":"sandbox"} 1"#]
    );
    let ages = world.bed.platform.metrics.to_json()["pileus_async_event_age_seconds"].take();
    assert_eq!((&ages[0]["count"], &ages[0]["sum"]), (&json!(1), &json!(30.0)));

    world.functions.look_at_instances();
    let instances = samples(&world, "pileus_instances");
    assert_eq!(instances, [r#"{"state":"busy"} 0.0"#, r#"{"state":"idle"} 1.0"#]);
    assert_eq!(samples(&world, "pileus_function_concurrent"), [r#"{"function":"f"} 0.0"#]);
    world.ok("DeleteFunction", json!({"FunctionName": "f"})).await;
    assert!(samples(&world, "pileus_function_invocations_total").is_empty());
}
