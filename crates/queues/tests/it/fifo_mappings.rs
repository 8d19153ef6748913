//! How event source mappings read FIFO queues, settle and hold what they read.

use crate::{
    common::{arn, counts, places, queues, receive, with_in_flight},
    fifo::{create_fifo, send},
};
use clock::Clock;
use kv::Transaction;
use serde_json::json;
use service::{Batch, Caller, Fault, Transact, Wanted, transact};
use std::time::Duration;
use testkit::{Bed, on_every_engine, on_memory};

/// What a mapping of `jobs.fifo` does.
pub(crate) enum Act<'a> {
    Read,
    Settle(&'a [String]),
    Hold(&'a [String], Duration),
}

struct Acting<'a>(&'a Bed, Act<'a>);

impl Transact for Acting<'_> {
    type Output = Batch;

    async fn run(&self, tx: &mut Transaction) -> Result<Batch, Fault> {
        let Self(bed, act) = self;
        let source = bed.platform.source("sqs").expect("a source");
        let caller = Caller::root(bed.platform.account.clone());
        let arn = arn("jobs.fifo").parse().expect("an ARN");
        let now = bed.clock.now();
        match act {
            Act::Read => {
                let wanted = Wanted { limit: 10, one_group: false };
                return source.receive(tx, &caller, &arn, wanted, now).await;
            }
            Act::Settle(done) => source.settle(tx, &caller, &arn, done, &[], now).await?,
            Act::Hold(held, time) => {
                source.hold(tx, &caller, &arn, held, now + *time, now).await?;
            }
        }
        Ok(Batch { records: Vec::new(), next: None })
    }
}

/// The handles of what was read.
pub(crate) async fn act(bed: &Bed, act: Act<'_>) -> Vec<String> {
    let batch = transact(&bed.platform.store, &Acting(bed, act)).await.expect("a transaction");
    batch.records.into_iter().map(|record| record.handle).collect()
}

/// A queue with two messages of a group and one of another, of which a mapping has the handles.
async fn read(bed: &Bed) -> (String, Vec<String>) {
    let url = create_fifo(bed, "jobs.fifo", json!({})).await;
    for (group, body) in [("a", "a1"), ("a", "a2"), ("b", "b1")] {
        send(bed, &url, group, body).await;
    }
    let handles = act(bed, Act::Read).await;
    assert_eq!(handles.len(), 3);
    (url, handles)
}

const VISIBILITY: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_batch_that_nobody_has_retaken_is_settled_after_its_time() {
    on_every_engine(queues, async |bed| {
        let (url, handles) = read(&bed).await;
        bed.advance(VISIBILITY);
        act(&bed, Act::Settle(&handles)).await;
        assert_eq!(counts(&bed, &url).await, [0, 0, 0]);
        assert!(receive(&bed, &url).await.is_empty());
        assert_eq!(places(&bed).await.bodies, 0);
    })
    .await;
}

#[tokio::test]
async fn what_of_a_late_batch_is_not_settled_comes_again() {
    on_every_engine(queues, async |bed| {
        let (url, handles) = read(&bed).await;
        bed.advance(VISIBILITY);
        act(&bed, Act::Settle(&handles[..1])).await;
        assert_eq!(counts(&bed, &url).await, [2, 0, 0]);
        assert_eq!(receive(&bed, &url).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_batch_that_nobody_has_retaken_is_held_as_a_whole_after_its_time() {
    on_every_engine(queues, async |bed| {
        let (url, handles) = read(&bed).await;
        bed.advance(VISIBILITY);
        act(&bed, Act::Hold(&handles, Duration::from_secs(6))).await;
        assert_eq!(counts(&bed, &url).await, [0, 3, 0]);
        bed.advance(Duration::from_secs(5));
        assert!(receive(&bed, &url).await.is_empty());
        act(&bed, Act::Settle(&handles)).await;
        assert_eq!(counts(&bed, &url).await, [0, 0, 0]);
    })
    .await;
}

#[tokio::test]
async fn a_batch_that_another_has_retaken_is_neither_held_nor_settled() {
    on_every_engine(queues, async |bed| {
        let (url, handles) = read(&bed).await;
        bed.advance(VISIBILITY);
        assert_eq!(receive(&bed, &url).await.len(), 3);
        act(&bed, Act::Hold(&handles, Duration::from_secs(600))).await;
        act(&bed, Act::Settle(&handles)).await;
        assert_eq!(counts(&bed, &url).await, [0, 3, 0]);
        bed.advance(VISIBILITY);
        assert_eq!(receive(&bed, &url).await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_read_hides_a_group_until_its_poller_can_hold_it() {
    on_memory(queues, async |bed| {
        let url = create_fifo(&bed, "jobs.fifo", json!({"VisibilityTimeout": "0"})).await;
        send(&bed, &url, "a", "x").await;
        assert_eq!(act(&bed, Act::Read).await.len(), 1);
        bed.advance(Duration::from_millis(5_999));
        assert!(act(&bed, Act::Read).await.is_empty());
        bed.advance(Duration::from_millis(1));
        assert_eq!(act(&bed, Act::Read).await.len(), 1);
        // Other receivers get what the queue says.
        bed.advance(Duration::from_secs(6));
        assert_eq!(receive(&bed, &url).await.len(), 1);
        assert_eq!(receive(&bed, &url).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_mapping_that_may_have_no_more_in_flight_looks_again_soon() {
    on_memory(
        |platform| with_in_flight(platform, 1),
        async |bed| {
            let url = create_fifo(&bed, "jobs.fifo", json!({})).await;
            send(&bed, &url, "a", "a1").await;
            send(&bed, &url, "b", "b1").await;
            assert_eq!(act(&bed, Act::Read).await.len(), 1);
            let read = Acting(&bed, Act::Read);
            let batch = transact(&bed.platform.store, &read).await.expect("a transaction");
            assert!(batch.records.is_empty());
            // A deletion makes room, which changes nothing that it watches.
            assert_eq!(batch.next, Some(bed.clock.now() + Duration::from_secs(1)));
        },
    )
    .await;
}
