use crate::fake::{code, echo, invocation, spec, world};
use clock::Clock as _;
use futures_util::future::join_all;
use runtime::{Invocation, InvokeError, PoolsConfig, Share};
use std::{sync::Arc, time::Duration};
use tokio::sync::Barrier;

#[tokio::test]
async fn calls_one_after_another_share_one_instance() {
    let world = world(PoolsConfig::default(), echo);
    let spec = Arc::new(spec("1"));
    for number in 0..50 {
        let payload = number.to_string();
        let outcome = world.pools.invoke(spec.clone(), invocation("id", &payload)).await.unwrap();
        assert_eq!(&outcome.payload[..], payload.as_bytes());
    }
    assert_eq!(world.fake.created(), 1);
    assert_eq!(world.pools.status().busy, 0);
}

#[tokio::test]
async fn cold_starts_at_once_run_side_by_side() {
    let together = Arc::new(Barrier::new(8));
    let barrier = together.clone();
    let world = world(PoolsConfig::default(), move |inside| {
        let barrier = barrier.clone();
        async move {
            // Nobody gets further until all eight have been started.
            barrier.wait().await;
            echo(inside).await
        }
    });
    let spec = Arc::new(spec("1"));
    let calls = (0..8).map(|_| world.pools.invoke(spec.clone(), invocation("id", "{}")));
    assert!(join_all(calls).await.iter().all(Result::is_ok));
    assert_eq!(world.fake.created(), 8);
}

#[tokio::test]
async fn a_call_that_waits_for_its_start_takes_the_instance_that_becomes_free() {
    let started = Arc::new(Barrier::new(2));
    let (barrier, go) = (started.clone(), Arc::new(Barrier::new(2)));
    let answer = go.clone();
    let config = PoolsConfig { concurrent_starts: 1, ..PoolsConfig::default() };
    let world = world(config, move |inside| {
        let (barrier, answer) = (barrier.clone(), answer.clone());
        async move {
            barrier.wait().await;
            answer.wait().await;
            echo(inside).await
        }
    });
    let spec = Arc::new(spec("1"));
    let call = |id: &'static str| {
        let (pools, spec) = (world.pools.clone(), spec.clone());
        tokio::spawn(async move { pools.invoke(spec, invocation(id, "1")).await })
    };
    let first = call("1");
    started.wait().await;
    // All of these wait for the turn that the first has. It starts an instance, which serves them
    // all but the one whose turn came with the end of that start.
    let others: Vec<_> = (0..5).map(|_| call("2")).collect();
    while world.pools.status().busy < 6 {
        tokio::task::yield_now().await;
    }
    go.wait().await;
    assert!(first.await.unwrap().is_ok());
    // The second start, which nobody lets go on, holds the only turn.
    started.wait().await;
    while others.iter().filter(|other| other.is_finished()).count() < 4 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.fake.created(), 2);
    go.wait().await;
    for other in others {
        assert!(other.await.unwrap().is_ok());
    }
    let status = world.pools.status();
    assert_eq!((status.instances, status.busy), (2, 0));
}

#[tokio::test]
async fn an_instance_that_died_while_idle_costs_one_retry() {
    let world = world(PoolsConfig::default(), echo);
    let spec = Arc::new(spec("1"));
    world.pools.invoke(spec.clone(), invocation("id", "1")).await.unwrap();
    world.fake.end(0, code(1));
    let outcome = world.pools.invoke(spec, invocation("id", "2")).await.unwrap();
    assert_eq!((&outcome.payload[..], outcome.error), (&b"2"[..], None));
    assert_eq!(world.fake.created(), 2);
    assert_eq!(world.pools.status().instances, 1);
}

#[tokio::test]
async fn a_retired_key_gets_new_instances_and_its_busy_one_finishes() {
    let world = world(PoolsConfig::default(), async |inside| {
        let mut client = inside.client().await;
        loop {
            let event = client.next().await;
            if event.body == "wait" {
                // Answers when the test has retired the key, which it tells by a file of its own.
                RETIRED.wait().await;
            }
            client.respond(&event.id(), inside.number.to_string().as_bytes()).await;
        }
    });
    static RETIRED: std::sync::LazyLock<Barrier> = std::sync::LazyLock::new(|| Barrier::new(2));
    let old = Arc::new(spec("1"));
    let (busy, ()) =
        tokio::join!(world.pools.invoke(old.clone(), invocation("id", "wait")), async {
            while world.fake.log().len() < 2 {
                tokio::task::yield_now().await;
            }
            world.pools.retire(&old.key);
            RETIRED.wait().await;
        });
    assert_eq!(&busy.unwrap().payload[..], b"0");
    world.fake.ended(0).await;
    let outcome = world.pools.invoke(Arc::new(spec("2")), invocation("id", "")).await.unwrap();
    assert_eq!(&outcome.payload[..], b"1");
    world.pools.retire_function(&old.key.function_arn);
    world.fake.ended(1).await;
    assert_eq!(world.pools.status().instances, 0);
}

#[tokio::test]
async fn idle_instances_go_after_their_time() {
    let config = PoolsConfig { idle_timeout: Duration::from_secs(60), ..PoolsConfig::default() };
    let world = world(config, echo);
    world.pools.invoke(Arc::new(spec("1")), invocation("id", "")).await.unwrap();
    world.clock.advance(Duration::from_secs(59));
    world.pools.invoke(Arc::new(spec("1")), invocation("id", "")).await.unwrap();
    world.clock.advance(Duration::from_secs(59));
    assert_eq!(world.fake.created(), 1);
    world.clock.advance(Duration::from_secs(1));
    world.fake.ended(0).await;
    assert_eq!(world.pools.status().instances, 0);
}

#[tokio::test]
async fn an_instance_beyond_its_age_is_replaced() {
    let config = PoolsConfig {
        max_age: Duration::from_secs(100),
        idle_timeout: Duration::from_secs(1000),
        ..PoolsConfig::default()
    };
    let world = world(config, echo);
    world.pools.invoke(Arc::new(spec("1")), invocation("id", "")).await.unwrap();
    world.clock.advance(Duration::from_secs(100));
    world.pools.invoke(Arc::new(spec("1")), invocation("id", "")).await.unwrap();
    world.fake.ended(0).await;
    assert_eq!(world.fake.created(), 2);
    assert!(world.clock.now().as_secs() > 0);
}

#[tokio::test]
async fn a_share_of_its_own_limits_all_versions_of_a_function_and_frees_again() {
    let world = world(PoolsConfig::default(), async |inside| {
        inside.client().await.next().await;
        std::future::pending().await
    });
    let mut call = invocation("id", "");
    call.share = Share::Own(1);
    let mut spec = spec("1");
    spec.timeout = Duration::from_millis(100);
    let mut other = spec.clone();
    other.key.version = "7".to_owned();
    let spec = Arc::new(spec);
    let (first, second) = tokio::join!(
        world.pools.invoke(spec.clone(), call.clone()),
        world.pools.invoke(Arc::new(other), call.clone())
    );
    assert!(first.unwrap().error.is_some());
    assert_eq!(second.unwrap_err(), InvokeError::Throttled { limit: 1 });
    assert!(world.pools.invoke(spec, call).await.is_ok());
}

#[tokio::test]
async fn functions_without_a_share_leave_free_what_others_have() {
    let world = world(PoolsConfig { max_instances: 3, ..PoolsConfig::default() }, async |inside| {
        inside.client().await.next().await;
        std::future::pending().await
    });
    let call = |share| Invocation { share, ..invocation("id", "") };
    let spec = |function: &str| {
        let mut spec = spec("1");
        spec.timeout = Duration::from_millis(100);
        spec.key.function_arn = function.to_owned();
        Arc::new(spec)
    };
    let common = || world.pools.invoke(spec("common"), call(Share::Common(1)));
    let own = || world.pools.invoke(spec("own"), call(Share::Own(2)));
    let (first, second, third, fourth, fifth) =
        tokio::join!(common(), common(), own(), own(), own());
    assert!(first.is_ok() && third.is_ok() && fourth.is_ok());
    assert_eq!(second.unwrap_err(), InvokeError::Capacity { limit: 1 });
    assert_eq!(fifth.unwrap_err(), InvokeError::Throttled { limit: 2 });
    assert!(common().await.is_ok() && own().await.is_ok());
    let none = world.pools.invoke(spec("none"), call(Share::Own(0))).await;
    assert_eq!(none.unwrap_err(), InvokeError::Throttled { limit: 0 });
}

#[tokio::test]
async fn a_full_node_evicts_the_longest_idle_instance_and_refuses_when_all_are_busy() {
    let config = PoolsConfig { max_instances: 2, ..PoolsConfig::default() };
    let world = world(config, async |inside| {
        let mut client = inside.client().await;
        loop {
            let event = client.next().await;
            if event.body == "hang" {
                return std::future::pending().await;
            }
            client.respond(&event.id(), b"1").await;
        }
    });
    for revision in ["1", "2", "3"] {
        world.pools.invoke(Arc::new(spec(revision)), invocation("id", "")).await.unwrap();
        world.clock.advance(Duration::from_secs(1));
    }
    world.fake.ended(0).await;
    assert_eq!(world.pools.status().instances, 2);
    let hang = |revision| {
        let mut spec = spec(revision);
        spec.timeout = Duration::from_millis(200);
        world.pools.invoke(Arc::new(spec), invocation("id", "hang"))
    };
    let (one, two, three) = tokio::join!(hang("2"), hang("3"), hang("4"));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(three.unwrap_err(), InvokeError::Capacity { limit: 2 });
}

#[tokio::test]
async fn an_invocation_goes_on_when_its_caller_goes_away() {
    let world = world(PoolsConfig::default(), echo);
    let spec = Arc::new(spec("1"));
    let call = tokio::spawn({
        let (pools, spec) = (world.pools.clone(), spec.clone());
        async move { pools.invoke(spec, invocation("abandoned", "")).await }
    });
    while world.pools.status().instances == 0 {
        tokio::task::yield_now().await;
    }
    call.abort();
    while world.pools.status().busy > 0 {
        tokio::task::yield_now().await;
    }
    world.pools.invoke(spec, invocation("next", "")).await.unwrap();
    assert!(world.fake.log().iter().any(|line| line == "END RequestId: abandoned"));
    assert_eq!(world.fake.created(), 1);
}

#[tokio::test]
async fn a_shutdown_kills_everything_and_refuses_what_comes_later() {
    let world = world(PoolsConfig::default(), async |inside| {
        let mut client = inside.client().await;
        loop {
            let event = client.next().await;
            if event.body == "hang" {
                return std::future::pending().await;
            }
            client.respond(&event.id(), b"1").await;
        }
    });
    let spec = Arc::new(spec("1"));
    world.pools.invoke(spec.clone(), invocation("id", "")).await.unwrap();
    let (busy, ()) =
        tokio::join!(world.pools.invoke(spec.clone(), invocation("id", "hang")), async {
            while world.pools.status().busy == 0 {
                tokio::task::yield_now().await;
            }
            world.pools.shutdown().await;
        });
    assert_eq!(busy.unwrap().error.unwrap().error_type, "Runtime.ExitError");
    assert!(world.fake.has_ended(0));
    assert_eq!(world.pools.status().instances, 0);
    let late = world.pools.invoke(spec, invocation("id", "")).await;
    assert_eq!(late.unwrap_err(), InvokeError::ShuttingDown);
}
