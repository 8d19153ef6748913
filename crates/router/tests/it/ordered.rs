//! Mappings of sources with groups: the group of a message is the first letter of its id.

use crate::{
    fakes::Answer,
    fixture::Fixture,
    mappings::{left, mapping, save, send},
};
use service::mapping::Mapping;

fn ordered(fixture: &Fixture) -> Mapping {
    Mapping { source: fixture.arn("sqs", "queue.fifo"), ..mapping(fixture) }
}

fn reporting(fixture: &Fixture) -> Mapping {
    Mapping { reports_item_failures: true, ..ordered(fixture) }
}

#[tokio::test]
async fn groups_go_side_by_side_and_each_of_them_in_order() {
    let fixture = Fixture::new();
    *fixture.functions.always.lock().unwrap() = Some(Answer::Hang);
    save(&fixture, &ordered(&fixture)).await;
    send(&fixture, &["a1", "a2", "b1"]).await;
    let running = fixture.start(vec![]);
    fixture.quiet().await;
    send(&fixture, &["a3", "b2"]).await;
    let batches = || fixture.functions.batches();
    assert_eq!(batches(), [vec!["a1", "a2"], vec!["b1"]]);
    fixture.functions.gate.add_permits(1);
    fixture.quiet().await;
    assert_eq!(batches()[2..], [["a3"]]);
    fixture.functions.gate.add_permits(10);
    fixture.quiet().await;
    assert_eq!(batches()[3..], [["b2"]]);
    running.stop().await;
    assert!(left(&fixture).await.is_empty());
}

#[tokio::test]
async fn a_group_that_fails_blocks_only_itself() {
    let fixture = Fixture::new();
    fixture.functions.answer(Answer::Error);
    save(&fixture, &ordered(&fixture)).await;
    send(&fixture, &["a1", "a2", "b1"]).await;
    let _running = fixture.start(vec![]);
    fixture.quiet().await;
    send(&fixture, &["a3", "b2"]).await;
    assert_eq!(left(&fixture).await, ["a1", "a2", "a3"]);
    fixture.advance(30_000).await;
    assert!(left(&fixture).await.is_empty());
    let batches = fixture.functions.batches();
    assert_eq!(batches[3..], [vec!["a1", "a2", "a3"]]);
}

#[tokio::test]
async fn items_that_failed_block_their_group_and_no_other() {
    let fixture = Fixture::new();
    let failed = r#"{"batchItemFailures":[{"itemIdentifier":"a1"},{"itemIdentifier":"a2"}]}"#;
    fixture.functions.answer(Answer::Success(failed));
    save(&fixture, &reporting(&fixture)).await;
    send(&fixture, &["a1", "a2", "b1"]).await;
    let _running = fixture.start(vec![]);
    fixture.quiet().await;
    send(&fixture, &["a3", "b2"]).await;
    let batches = fixture.functions.batches();
    assert_eq!(batches, [vec!["a1", "a2", "b1"], vec!["b2"]]);
    fixture.advance(30_000).await;
    assert_eq!(fixture.functions.batches()[2..], [["a1", "a2", "a3"]]);
    assert!(left(&fixture).await.is_empty());
}

#[tokio::test]
async fn what_does_not_fit_into_a_payload_follows_and_overtakes_nothing() {
    let fixture = Fixture::new();
    let failed = r#"{"batchItemFailures":[{"itemIdentifier":"a1large"}]}"#;
    fixture.functions.answer(Answer::Hang);
    fixture.functions.answer(Answer::Success(failed));
    save(&fixture, &reporting(&fixture)).await;
    send(&fixture, &["a0large", "a1large", "a2large", "b0large"]).await;
    let _running = fixture.start(vec![]);
    fixture.quiet().await;
    let batches = || fixture.functions.batches();
    assert_eq!(batches(), [["a0large"]], "its group waits for it");
    fixture.functions.gate.add_permits(1);
    fixture.quiet().await;
    assert_eq!(batches()[1..], [["a1large"], ["b0large"]], "a2 waits for a1");
    assert_eq!(left(&fixture).await, ["a1large", "a2large"]);
    fixture.advance(30_000).await;
    fixture.advance(30_000).await;
    assert_eq!(batches()[3..], [["a1large"], ["a2large"]]);
    assert!(left(&fixture).await.is_empty());
}

#[tokio::test]
async fn no_more_groups_are_handled_at_once_than_the_maximum() {
    let fixture = Fixture::new();
    *fixture.functions.always.lock().unwrap() = Some(Answer::Hang);
    save(&fixture, &Mapping { max_concurrency: Some(2), ..ordered(&fixture) }).await;
    send(&fixture, &["a1", "b1", "c1"]).await;
    let _running = fixture.start(vec![]);
    fixture.advance(20_000).await;
    assert_eq!(fixture.functions.batches(), [["a1"], ["b1"]]);
    fixture.functions.gate.add_permits(1);
    fixture.quiet().await;
    assert_eq!(fixture.functions.batches()[2..], [["c1"]]);
}

#[tokio::test]
async fn nothing_overtakes_what_could_not_be_settled() {
    let fixture = Fixture::new();
    save(&fixture, &ordered(&fixture)).await;
    send(&fixture, &["a0stucklarge", "a1large"]).await;
    let _running = fixture.start(vec![]);
    fixture.quiet().await;
    let batches = || fixture.functions.batches();
    assert_eq!(batches(), [["a0stucklarge"]]);
    fixture.advance(30_000).await;
    fixture.advance(30_000).await;
    assert_eq!(batches()[1..], [["a0stucklarge"]], "it comes again, and still first");
    assert_eq!(left(&fixture).await, ["a0stucklarge", "a1large"]);
}
