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

    world.functions.look().await.unwrap();
    let instances = samples(&world, "pileus_instances");
    assert_eq!(instances, [r#"{"state":"busy"} 0.0"#, r#"{"state":"idle"} 1.0"#]);
    assert_eq!(samples(&world, "pileus_function_concurrent"), [r#"{"function":"f"} 0.0"#]);
    assert_eq!(of("pileus_function_invocations_total"), [r#"{"function":"f"} 4.0"#]);
}

#[tokio::test]
async fn a_function_is_forgotten_when_it_is_looked_for_and_not_found() {
    let world = World::in_memory();
    world.create().await;
    world.invoke("RequestResponse", &json!({})).await;
    // As another node would, which knows nothing of what is counted here.
    let platform = &world.bed.platform;
    let ages = platform.metrics.histogram("ages", "Ages.", &["function"], &[1.0]);
    let (made, family) = (ages.clone(), ages);
    let others = platform.metrics.by_function(
        10,
        move |name| made.with_label_values(&[name]),
        move |name| drop(family.remove_label_values(&[name])),
    );
    for function in ["f", "never"] {
        others.of(function).observe(0.5);
    }
    world.functions.look().await.unwrap();
    assert_eq!(samples(&world, "ages"), [r#"{"function":"f"} 1"#]);
    world.ok("DeleteFunction", json!({"FunctionName": "f"})).await;
    // It is counted until its deletion is seen, which may not have been committed.
    let invocations = || samples(&world, "pileus_function_invocations_total");
    assert_eq!(invocations(), [r#"{"function":"f"} 1.0"#]);
    world.functions.look().await.unwrap();
    assert!(invocations().is_empty() && samples(&world, "ages").is_empty());
    assert!(samples(&world, "pileus_function_concurrent").is_empty());
}

#[tokio::test]
async fn use_of_provisioned_concurrency_and_what_spills_over_it_are_counted() {
    let world = World::in_memory();
    world.create().await;
    world.ok("PublishVersion", json!({"FunctionName": "f"})).await;
    crate::put_provisioned_concurrency_config::keep(&world);
    crate::put_provisioned_concurrency_config::provision(&world, "1", 1).await;
    crate::put_provisioned_concurrency_config::settled(&world, "1", "READY").await;
    world.invoke_qualified("1", &json!({})).await;
    world.invoke_qualified("$LATEST", &json!({})).await;
    world.functions.look().await.unwrap();
    let of = |family: &str| samples(&world, family);
    let invocations = of("pileus_function_provisioned_invocations_total");
    assert_eq!(invocations, [r#"{"function":"f"} 1.0"#]);
    assert!(of("pileus_function_provisioned_spillover_total").is_empty());
    assert_eq!(of("pileus_function_provisioned_ready"), [r#"{"function":"f"} 1.0"#]);
    assert_eq!(of("pileus_function_provisioned_utilization"), [r#"{"function":"f"} 0.0"#]);
}
