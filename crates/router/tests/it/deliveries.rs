use crate::{
    fakes::{Act, delivery},
    fixture::Fixture,
};
use kv_memory::{Faults, Faulty, MemoryEngine};
use serde_json::json;
use service::delivery::{self as deliveries, Delivery, GiveUp};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use types::Timestamp;

async fn put(fixture: &Fixture, due: Timestamp, records: &[Delivery]) {
    let (account, region) = (&fixture.platform.account, &fixture.platform.region);
    for chunk in records.chunks(5_000) {
        let mut tx = fixture.platform.store.begin();
        for record in chunk {
            tx.put_record(deliveries::key(account, region, due, &record.id), record).unwrap();
        }
        tx.commit().await.unwrap();
    }
}

async fn left(fixture: &Fixture) -> usize {
    router::list_deliveries(&fixture.platform, 1000).await.unwrap().len()
}

fn to_queue(fixture: &Fixture, payload: &str) -> Delivery {
    delivery(fixture.arn("sqs", "queue"), payload, fixture.now())
}

fn to_function(fixture: &Fixture, payload: &str) -> Delivery {
    delivery(fixture.arn("lambda", "function:f"), payload, fixture.now())
}

#[tokio::test]
async fn a_delivery_is_carried_out_at_once_and_removed() {
    let fixture = Fixture::new();
    let running = fixture.start(vec![]);
    fixture.quiet().await;
    put(&fixture, fixture.now(), &[to_queue(&fixture, "a"), to_function(&fixture, "b")]).await;
    fixture.quiet().await;
    assert_eq!(fixture.sink.applied(&fixture.platform, "a").await, 1);
    assert_eq!(fixture.script.attempts().len(), 1);
    assert_eq!(left(&fixture).await, 0);
    running.stop().await;
}

#[tokio::test]
async fn a_future_delivery_waits_for_its_time() {
    let fixture = Fixture::new();
    let _running = fixture.start(vec![]);
    put(&fixture, fixture.now() + Duration::from_secs(10), &[to_queue(&fixture, "a")]).await;
    fixture.advance(9_999).await;
    assert_eq!(fixture.sink.applied(&fixture.platform, "a").await, 0);
    fixture.advance(1).await;
    assert_eq!(fixture.sink.applied(&fixture.platform, "a").await, 1);
}

#[tokio::test]
async fn a_target_that_refuses_gets_the_delivery_again_and_nothing_of_the_refused_attempt_stays() {
    let fixture = Fixture::new();
    fixture.sink.refuse.store(2, Ordering::SeqCst);
    let _running = fixture.start(vec![]);
    put(&fixture, fixture.now(), &[to_queue(&fixture, "a")]).await;
    fixture.quiet().await;
    fixture.advance(499).await;
    assert_eq!(fixture.sink.refuse.load(Ordering::SeqCst), 1, "it was tried again too soon");
    fixture.advance(501).await;
    assert_eq!(fixture.sink.refuse.load(Ordering::SeqCst), 0);
    assert_eq!(fixture.sink.applied(&fixture.platform, "a").await, 0);
    fixture.advance(2_000).await;
    assert_eq!(fixture.sink.applied(&fixture.platform, "a").await, 1);
    assert_eq!(left(&fixture).await, 0);
}

#[tokio::test]
async fn a_delivery_that_is_refused_for_a_day_is_dropped() {
    let fixture = Fixture::new();
    fixture.sink.refuse.store(u32::MAX, Ordering::SeqCst);
    let running = fixture.start(vec![]);
    put(&fixture, fixture.now(), &[to_queue(&fixture, "a")]).await;
    fixture.advance(23 * 3_600_000).await;
    assert_eq!(left(&fixture).await, 1);
    assert_eq!(running.dropped_deliveries(), 0);
    fixture.advance(3_600_000).await;
    assert_eq!(left(&fixture).await, 0);
    assert_eq!(running.dropped_deliveries(), 1);
}

#[tokio::test]
async fn a_refused_delivery_goes_to_its_dead_letter_queue_at_the_age_that_it_says() {
    let fixture = Fixture::new();
    fixture.sink.refuse.store(u32::MAX, Ordering::SeqCst);
    let running = fixture.start(vec![]);
    let dead_letter = Some(fixture.arn("lambda", "function:f"));
    let give_up = GiveUp { after_seconds: Some(60), dead_letter };
    let record = Delivery { give_up, ..to_queue(&fixture, "a") };
    put(&fixture, fixture.now(), &[record]).await;
    fixture.advance(59_000).await;
    assert_eq!(fixture.script.attempts().len(), 0);
    fixture.advance(120_000).await;
    assert_eq!(fixture.script.attempts()[0].payload, "a");
    assert_eq!(left(&fixture).await, 0);
    assert_eq!(running.dropped_deliveries(), 0);
}

#[tokio::test]
async fn an_external_target_that_refuses_for_good_sends_the_delivery_to_its_dead_letter_queue() {
    let fixture = Fixture::new();
    fixture.script.act(Act::Refuse);
    let _running = fixture.start(vec![]);
    let dead_letter = Some(fixture.arn("sqs", "dead"));
    let give_up = GiveUp { after_seconds: None, dead_letter };
    let record = Delivery { give_up, ..to_function(&fixture, "a") };
    put(&fixture, fixture.now(), &[record]).await;
    fixture.quiet().await;
    assert_eq!(fixture.sink.applied(&fixture.platform, "a").await, 1);
    assert_eq!(left(&fixture).await, 0);
}

#[tokio::test]
async fn an_external_target_says_when_to_try_again_and_what_to_remember() {
    let fixture = Fixture::new();
    fixture.script.act(Act::Retry(Duration::from_secs(60), json!({ "errors": 1 })));
    let _running = fixture.start(vec![]);
    put(&fixture, fixture.now(), &[to_function(&fixture, "a")]).await;
    fixture.quiet().await;
    fixture.advance(59_999).await;
    assert_eq!(fixture.script.attempts().len(), 1);
    fixture.advance(1).await;
    let attempts = fixture.script.attempts();
    assert_eq!(attempts.len(), 2);
    assert_eq!((attempts[0].attempts, attempts[1].attempts), (1, 2));
    assert_eq!(attempts[1].state, json!({ "errors": 1 }));
}

#[tokio::test]
async fn a_fault_of_the_platform_is_tried_again_with_growing_pauses() {
    let fixture = Fixture::new();
    (0..3).for_each(|_| fixture.script.act(Act::Fail));
    let _running = fixture.start(vec![]);
    put(&fixture, fixture.now(), &[to_function(&fixture, "a")]).await;
    fixture.quiet().await;
    for (attempts, pause) in [(1, 1_000), (2, 2_000), (3, 4_000)] {
        fixture.advance(pause / 2 - 1).await;
        assert_eq!(fixture.script.attempts().len(), attempts);
        fixture.advance(pause / 2 + 1).await;
        assert_eq!(fixture.script.attempts().len(), attempts + 1);
    }
    assert_eq!(left(&fixture).await, 0);
}

#[tokio::test]
async fn what_follows_a_delivery_is_delivered_too() {
    let fixture = Fixture::new();
    fixture.script.act(Act::Done(vec![to_queue(&fixture, "next"), to_function(&fixture, "too")]));
    let _running = fixture.start(vec![]);
    put(&fixture, fixture.now(), &[to_function(&fixture, "a")]).await;
    fixture.quiet().await;
    assert_eq!(fixture.sink.applied(&fixture.platform, "next").await, 1);
    assert_eq!(fixture.script.attempts()[1].payload, "too");
    assert_eq!(left(&fixture).await, 0);
}

#[tokio::test]
async fn an_attempt_that_takes_long_is_not_tried_by_another() {
    let fixture = Fixture::new();
    fixture.script.act(Act::Hang(vec![to_queue(&fixture, "late")]));
    let (slow, other) = (fixture.start(vec![]), fixture.start(vec![]));
    put(&fixture, fixture.now(), &[to_function(&fixture, "a")]).await;
    fixture.quiet().await;
    for _ in 0..90 {
        fixture.advance(10_000).await;
    }
    assert_eq!(fixture.script.attempts().len(), 1);
    fixture.script.gate.add_permits(1);
    slow.stop().await;
    other.stop().await;
    assert_eq!(fixture.sink.applied(&fixture.platform, "late").await, 1);
    assert_eq!(left(&fixture).await, 0);
}

#[tokio::test]
async fn the_late_result_of_an_attempt_that_another_repeats_does_not_count() {
    let fixture = Fixture::new();
    fixture.script.act(Act::Hang(vec![to_queue(&fixture, "late")]));
    fixture.script.act(Act::Done(vec![to_queue(&fixture, "next")]));
    let running = fixture.start(vec![]);
    put(&fixture, fixture.now(), &[to_function(&fixture, "a")]).await;
    fixture.quiet().await;
    let listed = router::list_deliveries(&fixture.platform, 10).await.unwrap().remove(0);
    move_to(&fixture, &listed, fixture.now()).await;
    let other = fixture.start(vec![]);
    fixture.quiet().await;
    assert_eq!(fixture.script.attempts().len(), 2);
    other.stop().await;
    // By then the first one has found that its lease is lost.
    fixture.advance(10_000).await;
    fixture.script.gate.add_permits(1);
    running.stop().await;
    assert_eq!(fixture.sink.applied(&fixture.platform, "next").await, 1);
    assert_eq!(fixture.sink.applied(&fixture.platform, "late").await, 0);
    assert_eq!(left(&fixture).await, 0);
}

/// Moves a delivery, as another process does that claims it.
async fn move_to(fixture: &Fixture, listed: &router::Listed<Delivery>, due: Timestamp) {
    let (account, region) = (&fixture.platform.account, &fixture.platform.region);
    let key = |due| deliveries::key(account, region, due, &listed.record.id);
    let mut tx = fixture.platform.store.begin();
    tx.delete(key(listed.due)).unwrap();
    tx.put_record(key(due), &listed.record).unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_process_that_stood_still_does_not_take_its_own_work_again() {
    let fixture = Fixture::new();
    fixture.script.act(Act::Hang(vec![to_queue(&fixture, "late")]));
    let running = fixture.start(vec![]);
    put(&fixture, fixture.now(), &[to_function(&fixture, "a")]).await;
    fixture.quiet().await;
    fixture.advance(600_000).await;
    assert_eq!(fixture.script.attempts().len(), 1);
    fixture.script.gate.add_permits(1);
    running.stop().await;
    assert_eq!(fixture.sink.applied(&fixture.platform, "late").await, 1);
    assert_eq!(left(&fixture).await, 0);
}

#[tokio::test]
async fn renewals_of_unknown_outcome_lose_no_lease_and_keep_no_stop_waiting() {
    for seed in 0..8 {
        let faults = Faults { unknown_applied: 250, unknown_lost: 250, ..Faults::default() };
        let fixture = Fixture::on(Faulty::new(Arc::new(MemoryEngine::new()), seed, faults));
        // Settled after many renewals; a result whose own commit is unknown is tried again.
        (0..100).for_each(|_| fixture.script.act(Act::Hang(vec![to_queue(&fixture, "late")])));
        let running = fixture.start(vec![]);
        put_for_sure(&fixture, &to_function(&fixture, "a")).await;
        for _ in 0..100 {
            if !fixture.script.attempts().is_empty() {
                break;
            }
            fixture.advance(10_000).await;
        }
        for _ in 0..30 {
            fixture.advance(10_000).await;
        }
        assert_eq!(fixture.script.attempts().len(), 1, "seed {seed}");
        fixture.script.gate.add_permits(1_000);
        for _ in 0..30 {
            fixture.advance(30_000).await;
        }
        running.stop().await;
        assert_eq!(fixture.sink.applied(&fixture.platform, "late").await, 1, "seed {seed}");
    }
}

#[tokio::test]
async fn a_delivery_of_a_process_that_died_is_tried_by_another() {
    let fixture = Fixture::new();
    fixture.script.act(Act::Hang(vec![]));
    let dies = fixture.start(vec![]);
    put(&fixture, fixture.now(), &[to_function(&fixture, "a")]).await;
    fixture.quiet().await;
    drop(dies);
    let _running = fixture.start(vec![]);
    fixture.advance(29_999).await;
    assert_eq!(fixture.script.attempts().len(), 1);
    fixture.advance(1).await;
    assert_eq!(fixture.script.attempts().len(), 2);
    assert_eq!(left(&fixture).await, 0);
}

#[tokio::test]
async fn an_orderly_stop_waits_for_what_was_begun() {
    let fixture = Fixture::new();
    fixture.script.act(Act::Hang(vec![]));
    let running = fixture.start(vec![]);
    put(&fixture, fixture.now(), &[to_function(&fixture, "a")]).await;
    fixture.quiet().await;
    let stopping = tokio::spawn(running.stop());
    fixture.quiet().await;
    assert!(!stopping.is_finished());
    fixture.script.gate.add_permits(1);
    stopping.await.unwrap();
    assert_eq!(left(&fixture).await, 0);
}

#[tokio::test]
async fn future_deliveries_cost_no_reads_while_idle() {
    let fixture = Fixture::new();
    let record = to_queue(&fixture, "a");
    let ids = clock::Ids::from_seed(3);
    let records: Vec<_> =
        (0..100_000).map(|_| Delivery { id: ids.uuid(), ..record.clone() }).collect();
    put(&fixture, fixture.now() + Duration::from_secs(86_400), &records).await;
    let _running = fixture.start(vec![]);
    fixture.quiet().await;
    let before = fixture.reads();
    fixture.advance(29_999).await;
    assert_eq!(fixture.reads(), before, "an idle router reads");
    // The look that covers for a watch which did not fire: one read of each range.
    fixture.advance(1).await;
    assert!(fixture.reads() - before <= 3, "{} reads", fixture.reads() - before);
}

/// Puts a delivery into a store that does not always say what it did.
async fn put_for_sure(fixture: &Fixture, record: &Delivery) {
    let listed = || async { router::list_deliveries(&fixture.platform, 1000).await.unwrap() };
    while listed().await.iter().all(|listed| listed.record.id != record.id) {
        let (account, region) = (&fixture.platform.account, &fixture.platform.region);
        let mut tx = fixture.platform.store.begin();
        let key = deliveries::key(account, region, fixture.now(), &record.id);
        tx.put_record(key, record).unwrap();
        let _ = tx.commit().await;
    }
}

#[tokio::test]
async fn deliveries_happen_exactly_once_whatever_the_store_does() {
    for seed in 0..5 {
        let faults = Faults {
            conflict: 200,
            unknown_applied: 100,
            unknown_lost: 100,
            yields: 2,
            deaf: seed % 2 == 0,
            ..Faults::default()
        };
        let fixture = Fixture::on(Faulty::new(Arc::new(MemoryEngine::new()), seed, faults));
        let payloads: Vec<_> = (0..40).map(|n| format!("payload-{n}")).collect();
        for payload in &payloads {
            let record = to_queue(&fixture, payload);
            put_for_sure(&fixture, &record).await;
        }
        let routers = [fixture.start(vec![]), fixture.start(vec![])];
        for _ in 0..100 {
            if left(&fixture).await == 0 {
                break;
            }
            fixture.advance(30_000).await;
        }
        for payload in &payloads {
            assert_eq!(fixture.sink.applied(&fixture.platform, payload).await, 1, "{payload}");
        }
        drop(routers);
    }
}
