//! Instances that are kept ready.

use crate::fake::{Inside, World, code, invocation, spec, world};
use runtime::{InstanceSpec, Invocation, InvokeError, PoolsConfig, Share};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::Barrier;

const TYPE: &str = "AWS_LAMBDA_INITIALIZATION_TYPE";

/// Answers with its number and why it was started. `fail` lets it fail, and while all of `together`
/// have not come, `meet` lets it wait.
async fn program(inside: Inside, together: Arc<Barrier>) -> runtime::sandbox::Exit {
    let mut client = inside.client().await;
    let why = inside.spec.env.iter().find(|(name, _)| name == TYPE).unwrap().1.clone();
    loop {
        let event = client.next().await;
        match event.body.as_str() {
            "die" => return code(1),
            "meet" => {
                together.wait().await;
            }
            _ => {}
        }
        let answer = format!("{} {why}", inside.number);
        client.respond(&event.id(), answer.as_bytes()).await;
    }
}

fn meeting(config: PoolsConfig, count: usize) -> World {
    let together = Arc::new(Barrier::new(count));
    world(config, move |inside| program(inside, together.clone()))
}

/// Waits until so many are ready.
async fn ready(world: &World, spec: &InstanceSpec, count: usize) {
    while world.pools.provisioned(&spec.key).map_or(0, |status| status.ready) != count {
        tokio::task::yield_now().await;
    }
}

async fn created(world: &World, count: usize) {
    while world.fake.created() < count {
        tokio::task::yield_now().await;
    }
}

async fn call(world: &World, spec: &Arc<InstanceSpec>, body: &str, share: Share) -> String {
    let call = Invocation { share, ..invocation("id", body) };
    let outcome = world.pools.invoke(spec.clone(), call).await.unwrap();
    String::from_utf8(outcome.payload.to_vec()).unwrap()
}

const ALL: Share = Share::Common(1_000);

#[tokio::test]
async fn they_are_ready_before_anybody_calls_and_what_they_cannot_take_goes_to_others() {
    let world = meeting(PoolsConfig::default(), 3);
    let spec = Arc::new(spec("1"));
    world.pools.provision(vec![(spec.clone(), 2)]);
    ready(&world, &spec, 2).await;
    assert_eq!((world.fake.created(), world.pools.status().busy), (2, 0));
    let one = || call(&world, &spec, "meet", ALL);
    let (a, b, c) = tokio::join!(one(), one(), one());
    let mut answers = [a, b, c];
    answers.sort();
    let ahead = "provisioned-concurrency";
    assert_eq!(answers, [format!("0 {ahead}"), format!("1 {ahead}"), "2 on-demand".to_owned()]);
    // They come first also when another one is idle.
    assert!(call(&world, &spec, "", ALL).await.ends_with(ahead));
    let observed = world.fake.observed.lock().unwrap().join(", ");
    assert_eq!(observed.matches("found").count(), 3, "{observed}");
    assert_eq!(observed.matches("spilled over").count(), 1, "{observed}");
    let status = world.pools.provisioned(&spec.key).unwrap();
    assert_eq!((status.wanted, status.ready, status.busy, status.failure), (2, 2, 0, None));
}

#[tokio::test]
async fn they_stay_while_others_go_and_are_replaced_before_they_are_too_old() {
    let config = PoolsConfig {
        idle_timeout: Duration::from_secs(60),
        max_age: Duration::from_secs(1_000),
        ..PoolsConfig::default()
    };
    let world = meeting(config, 1);
    let spec = Arc::new(spec("1"));
    world.pools.provision(vec![(spec.clone(), 1)]);
    ready(&world, &spec, 1).await;
    world.clock.advance(Duration::from_secs(899));
    assert_eq!(call(&world, &spec, "", ALL).await, "0 provisioned-concurrency");
    world.clock.advance(Duration::from_secs(1));
    world.fake.ended(0).await;
    assert_eq!(world.fake.created(), 2);
    assert_eq!(call(&world, &spec, "", ALL).await, "1 provisioned-concurrency");
    assert_eq!(world.pools.status().instances, 1);
}

#[tokio::test]
async fn one_that_ends_is_replaced_whether_it_worked_or_not() {
    let world = meeting(PoolsConfig::default(), 1);
    let spec = Arc::new(spec("1"));
    world.pools.provision(vec![(spec.clone(), 1)]);
    ready(&world, &spec, 1).await;
    world.clock.advance(Duration::from_secs(10));
    world.fake.end(0, code(1));
    created(&world, 2).await;
    ready(&world, &spec, 1).await;
    world.clock.advance(Duration::from_secs(10));
    let failed = world.pools.invoke(spec.clone(), invocation("id", "die")).await.unwrap();
    assert_eq!(failed.error.unwrap().error_type, "Runtime.ExitError");
    created(&world, 3).await;
    ready(&world, &spec, 1).await;
    // One that ended soon after its start is followed by the next one after a while.
    world.fake.end(2, code(1));
    while world.pools.status().instances > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.fake.created(), 3);
    world.clock.advance(Duration::from_secs(1));
    created(&world, 4).await;
    ready(&world, &spec, 1).await;
}

#[tokio::test]
async fn a_failure_to_start_is_told_and_tried_again_later_and_later() {
    let is_broken = Arc::new(AtomicBool::new(true));
    let broken = is_broken.clone();
    let world = world(PoolsConfig::default(), move |inside| {
        let broken = broken.clone();
        async move {
            if broken.load(Ordering::Relaxed) {
                return code(1);
            }
            program(inside, Arc::new(Barrier::new(1))).await
        }
    });
    let spec = Arc::new(spec("1"));
    world.pools.provision(vec![(spec.clone(), 3)]);
    let failed = async |count| loop {
        let status = world.pools.provisioned(&spec.key).unwrap();
        if status.failure.is_some() && world.pools.status().instances == 0 {
            assert_eq!(status.failure.as_deref(), Some("FUNCTION_ERROR_INIT_FAILURE"));
            assert_eq!((status.ready, world.fake.created()), (0, count));
            break;
        }
        tokio::task::yield_now().await;
    };
    failed(3).await;
    let log = world.fake.log().join("\n");
    assert!(log.contains("INIT_REPORT") && !log.contains("START RequestId"), "{log}");
    world.clock.advance(Duration::from_secs(1));
    created(&world, 4).await;
    failed(4).await;
    is_broken.store(false, Ordering::Relaxed);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.fake.created(), 4, "the second wait is longer");
    world.clock.advance(Duration::from_secs(1));
    ready(&world, &spec, 3).await;
    assert_eq!(world.pools.provisioned(&spec.key).unwrap().failure, None);
}

#[tokio::test]
async fn what_is_set_aside_is_beside_what_others_share_and_within_what_a_function_has() {
    let world = meeting(PoolsConfig::default(), 2);
    let spec = Arc::new(spec("1"));
    world.pools.provision(vec![(spec.clone(), 1)]);
    ready(&world, &spec, 1).await;
    let try_three = async |share| {
        let one = || {
            let call = Invocation { share, ..invocation("id", "meet") };
            world.pools.invoke(spec.clone(), call)
        };
        let (a, b, c) = tokio::join!(one(), one(), one());
        let results = [a, b, c];
        let well = results.iter().filter(|result| result.is_ok()).count();
        (well, results.into_iter().find_map(Result::err))
    };
    let (well, error) = try_three(Share::Common(1)).await;
    assert_eq!((well, error), (2, Some(InvokeError::Capacity { limit: 1 })));
    let (well, error) = try_three(Share::Own(2)).await;
    assert_eq!((well, error), (2, Some(InvokeError::Throttled { limit: 1 })));
    let none = Invocation { share: Share::Own(0), ..invocation("id", "") };
    let refused = world.pools.invoke(spec.clone(), none).await.unwrap_err();
    assert_eq!(refused, InvokeError::Throttled { limit: 0 });
}

#[tokio::test]
async fn idle_ones_of_others_make_room_for_them_but_they_for_nobody() {
    let world = meeting(PoolsConfig { max_instances: 2, ..PoolsConfig::default() }, 1);
    let (kept, other) = (Arc::new(spec("1")), Arc::new(spec("2")));
    assert_eq!(call(&world, &other, "", ALL).await, "0 on-demand");
    world.pools.provision(vec![(kept.clone(), 2)]);
    ready(&world, &kept, 2).await;
    world.fake.ended(0).await;
    let refused = world.pools.invoke(other.clone(), invocation("id", "")).await.unwrap_err();
    assert_eq!(refused, InvokeError::Capacity { limit: 2 });
    world.pools.provision(vec![(kept.clone(), 1)]);
    ready(&world, &kept, 1).await;
    assert_eq!(call(&world, &other, "", ALL).await, "3 on-demand");
    assert!(call(&world, &kept, "", ALL).await.ends_with("provisioned-concurrency"));
    world.pools.provision(Vec::new());
    assert_eq!(world.pools.provisioned(&kept.key), None);
    assert_eq!(world.pools.status().instances, 1);
    assert_eq!(call(&world, &kept, "", ALL).await, "4 on-demand");
}

#[tokio::test]
async fn they_go_with_their_function_and_at_a_shutdown() {
    let world = meeting(PoolsConfig::default(), 1);
    let spec = Arc::new(spec("1"));
    world.pools.provision(vec![(spec.clone(), 1)]);
    ready(&world, &spec, 1).await;
    world.pools.retire_function(&spec.key.function_arn);
    world.fake.ended(0).await;
    world.pools.provision(vec![(spec.clone(), 1)]);
    ready(&world, &spec, 1).await;
    world.pools.shutdown().await;
    assert!(world.fake.has_ended(1));
    assert_eq!(world.pools.status().instances, 0);
}
