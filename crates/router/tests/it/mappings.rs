use crate::{
    fakes::{Answer, VISIBILITY},
    fixture::Fixture,
};
use service::mapping::{self, Mapping};
use types::RequestId;

pub(crate) fn mapping(fixture: &Fixture) -> Mapping {
    Mapping {
        id: RequestId::from_random([1; 16]),
        source: fixture.arn("sqs", "queue"),
        function: fixture.arn("lambda", "function:worker:live"),
        batch_size: 10,
        window_seconds: 0,
        enabled: true,
        reports_item_failures: false,
        max_concurrency: None,
        filters: Vec::new(),
        modified: fixture.now(),
    }
}

pub(crate) async fn save(fixture: &Fixture, mapping: &Mapping) {
    let mut tx = fixture.platform.store.begin();
    let (account, region) = (&fixture.platform.account, &fixture.platform.region);
    mapping::put(&mut tx, account, region, mapping).unwrap();
    tx.commit().await.unwrap();
    fixture.quiet().await;
}

pub(crate) async fn send(fixture: &Fixture, ids: &[&str]) {
    fixture.queue.send(&fixture.platform, ids).await;
    fixture.quiet().await;
}

pub(crate) async fn left(fixture: &Fixture) -> Vec<String> {
    fixture.queue.ids(&fixture.platform).await
}

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("m{n:03}")).collect()
}

async fn send_many(fixture: &Fixture, count: usize) {
    let ids = numbered(count);
    send(fixture, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
}

#[tokio::test]
async fn messages_wake_the_function_at_once_and_are_deleted_when_it_succeeds() {
    let fixture = Fixture::new();
    let _running = fixture.start(vec![]);
    save(&fixture, &mapping(&fixture)).await;
    send(&fixture, &["a", "b"]).await;
    assert_eq!(fixture.functions.batches(), [["a", "b"]]);
    assert!(left(&fixture).await.is_empty());
    send(&fixture, &["c"]).await;
    assert_eq!(fixture.functions.batches().len(), 2);
    let assumed = fixture.roles.assumed.lock().unwrap().clone();
    let role = "arn:aws:iam::000000000000:role/worker".to_owned();
    assert!(assumed.contains(&(role, "worker".to_owned(), "lambda.amazonaws.com".to_owned())));
}

#[tokio::test]
async fn a_mapping_that_exists_at_the_start_reads_what_waits() {
    let fixture = Fixture::new();
    save(&fixture, &mapping(&fixture)).await;
    send_many(&fixture, 25).await;
    let _running = fixture.start(vec![]);
    fixture.quiet().await;
    let sizes: Vec<_> = fixture.functions.batches().iter().map(Vec::len).collect();
    assert_eq!(sizes, [10, 10, 5]);
}

#[tokio::test]
async fn a_batch_of_a_function_that_fails_comes_back_when_it_becomes_visible() {
    let fixture = Fixture::new();
    fixture.functions.answer(Answer::Error);
    let _running = fixture.start(vec![]);
    save(&fixture, &mapping(&fixture)).await;
    send(&fixture, &["a", "b"]).await;
    assert_eq!(left(&fixture).await, ["a", "b"]);
    fixture.advance(u64::try_from(VISIBILITY.as_millis()).unwrap() - 1).await;
    assert_eq!(fixture.functions.batches().len(), 1);
    fixture.advance(1).await;
    assert_eq!(fixture.functions.batches().len(), 2);
    assert!(left(&fixture).await.is_empty());
}

#[tokio::test]
async fn what_a_function_works_on_for_long_is_not_given_to_another_instance() {
    let fixture = Fixture::new();
    fixture.functions.answer(Answer::Hang);
    save(&fixture, &mapping(&fixture)).await;
    let running = fixture.start(vec![]);
    send(&fixture, &["a"]).await;
    fixture.quiet().await;
    for _ in 0..60 {
        fixture.advance(2_000).await;
    }
    assert_eq!(fixture.functions.batches(), [["a"]]);
    fixture.functions.gate.add_permits(1);
    running.stop().await;
    assert!(left(&fixture).await.is_empty());
}

#[tokio::test]
async fn what_no_filter_is_for_is_done_without_the_function() {
    let fixture = Fixture::new();
    let _running = fixture.start(vec![]);
    let filters = [r#"{"messageId": ["b"]}"#, r#"{"messageId": [{"prefix": "9"}]}"#];
    let filters = filters.map(str::to_owned).to_vec();
    save(&fixture, &Mapping { filters, batch_size: 2, ..mapping(&fixture) }).await;
    // More than one read takes, so that what lies behind is found.
    let ids: Vec<String> = (10..93).map(|id| id.to_string()).chain(["b".to_owned()]).collect();
    send(&fixture, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    fixture.quiet().await;
    let taken = fixture.functions.batches().concat();
    assert_eq!(taken, ["90", "91", "92", "b"]);
    assert!(left(&fixture).await.is_empty());
}

#[tokio::test]
async fn only_items_that_failed_come_back() {
    let fixture = Fixture::new();
    let failed = r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#;
    fixture.functions.answer(Answer::Success(failed));
    let _running = fixture.start(vec![]);
    save(&fixture, &Mapping { reports_item_failures: true, ..mapping(&fixture) }).await;
    send(&fixture, &["a", "b", "c"]).await;
    assert_eq!(left(&fixture).await, ["b"]);
    fixture.advance(30_000).await;
    assert_eq!(fixture.functions.batches()[1], ["b"]);
}

#[tokio::test]
async fn an_unknown_item_fails_the_whole_batch() {
    let fixture = Fixture::new();
    let failed = r#"{"batchItemFailures":[{"itemIdentifier":"unknown"}]}"#;
    fixture.functions.answer(Answer::Success(failed));
    let _running = fixture.start(vec![]);
    save(&fixture, &Mapping { reports_item_failures: true, ..mapping(&fixture) }).await;
    send(&fixture, &["a", "b"]).await;
    assert_eq!(left(&fixture).await, ["a", "b"]);
}

/// What else a function can answer: see "Implementing partial batch responses".
#[tokio::test]
async fn every_answer_is_a_success_or_a_failure_of_the_batch() {
    let all = ["a", "b"].as_slice();
    let cases: [(&str, &[&str]); 12] = [
        ("", &[]),
        ("null", &[]),
        ("{}", &[]),
        (r#"{"batchItemFailures":null}"#, &[]),
        (r#"{"batchItemFailures":[]}"#, &[]),
        (r#"{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"b"}]}"#, &["b"]),
        (r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#, all),
        (r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#, all),
        (r#"{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"unknown"}]}"#, all),
        (r#"{"batchItemFailures":[{"id":"b"}]}"#, all),
        (r#"{"batchItemFailures":"b"}"#, all),
        ("{", all),
    ];
    for (answer, expected) in cases {
        let fixture = Fixture::new();
        fixture.functions.answer(Answer::Success(answer));
        let _running = fixture.start(vec![]);
        save(&fixture, &Mapping { reports_item_failures: true, ..mapping(&fixture) }).await;
        send(&fixture, &["a", "b"]).await;
        assert_eq!(left(&fixture).await, expected, "{answer}");
        fixture.advance(30_000).await;
        assert!(left(&fixture).await.is_empty(), "{answer}");
        let came = fixture.functions.batches();
        assert_eq!(came.len(), 1 + usize::from(!expected.is_empty()), "{answer}");
    }
}

/// Messages come all the time, and some batches are with the function at every change.
#[tokio::test]
async fn changes_of_a_mapping_neither_lose_nor_double_a_message() {
    let fixture = Fixture::new();
    *fixture.functions.always.lock().unwrap() = Some(Answer::Hang);
    let running = fixture.start(vec![]);
    let narrow = Mapping { batch_size: 3, max_concurrency: Some(4), ..mapping(&fixture) };
    let wide = Mapping { batch_size: 25, window_seconds: 1, ..mapping(&fixture) };
    let off = Mapping { enabled: false, ..narrow.clone() };
    let mut sent = numbered(0);
    for (round, change) in [&narrow, &wide, &off, &wide, &narrow, &off, &narrow].iter().enumerate()
    {
        save(&fixture, change).await;
        let ids: Vec<String> = (0..12).map(|n| format!("r{round}n{n:02}")).collect();
        send(&fixture, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
        sent.extend(ids);
        fixture.functions.gate.add_permits(2);
        fixture.advance(700).await;
    }
    fixture.functions.gate.add_permits(1_000);
    fixture.advance(2_000).await;
    fixture.advance(2_000).await;
    running.stop().await;
    let mut came = fixture.functions.batches().concat();
    came.sort_unstable();
    assert_eq!(came, sent);
    assert!(left(&fixture).await.is_empty());
}

#[tokio::test]
async fn a_mapping_that_was_busy_is_idle_again_and_grows_anew() {
    let fixture = Fixture::new();
    *fixture.functions.always.lock().unwrap() = Some(Answer::Hang);
    let _running = fixture.start(vec![]);
    save(&fixture, &Mapping { batch_size: 1, ..mapping(&fixture) }).await;
    let batches = || fixture.functions.batches().len();
    send_many(&fixture, 20).await;
    assert_eq!(batches(), 5);
    fixture.functions.gate.add_permits(20);
    for _ in 0..4 {
        fixture.advance(1_000).await;
    }
    assert_eq!(batches(), 20);
    fixture.advance(60_000).await;
    let ids: Vec<String> = (0..20).map(|n| format!("again{n:02}")).collect();
    send(&fixture, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!(batches(), 25, "it begins with five again");
    fixture.functions.gate.add_permits(20);
    for _ in 0..4 {
        fixture.advance(1_000).await;
    }
    assert_eq!(batches(), 40);
    assert!(left(&fixture).await.is_empty());
}

#[tokio::test]
async fn failures_do_not_count_where_the_mapping_does_not_ask_for_them() {
    let fixture = Fixture::new();
    let failed = r#"{"batchItemFailures":[{"itemIdentifier":"a"}]}"#;
    fixture.functions.answer(Answer::Success(failed));
    let _running = fixture.start(vec![]);
    save(&fixture, &mapping(&fixture)).await;
    send(&fixture, &["a"]).await;
    assert!(left(&fixture).await.is_empty());
}

#[tokio::test]
async fn a_window_gathers_until_it_ends() {
    let fixture = Fixture::new();
    let _running = fixture.start(vec![]);
    save(&fixture, &Mapping { window_seconds: 5, ..mapping(&fixture) }).await;
    send(&fixture, &["a"]).await;
    fixture.advance(3_000).await;
    send(&fixture, &["b"]).await;
    fixture.advance(1_999).await;
    assert!(fixture.functions.batches().is_empty());
    fixture.advance(1).await;
    assert_eq!(fixture.functions.batches(), [["a", "b"]]);
}

#[tokio::test]
async fn a_window_ends_when_the_batch_is_full() {
    let fixture = Fixture::new();
    let _running = fixture.start(vec![]);
    let wide = Mapping { window_seconds: 300, batch_size: 25, ..mapping(&fixture) };
    save(&fixture, &wide).await;
    send_many(&fixture, 26).await;
    assert_eq!(fixture.functions.batches(), [numbered(25)]);
}

#[tokio::test]
async fn a_mapping_starts_with_five_invocations_and_adds_more_while_all_are_busy() {
    let fixture = Fixture::new();
    *fixture.functions.always.lock().unwrap() = Some(Answer::Hang);
    let running = fixture.start(vec![]);
    save(&fixture, &Mapping { batch_size: 1, ..mapping(&fixture) }).await;
    send_many(&fixture, 30).await;
    assert_eq!(fixture.functions.batches().len(), 5);
    // More of what does not end would help nobody.
    fixture.advance(1_000).await;
    assert_eq!(fixture.functions.batches().len(), 5);
    fixture.functions.gate.add_permits(1);
    fixture.quiet().await;
    assert_eq!(fixture.functions.batches().len(), 1 + 10);
    fixture.functions.gate.add_permits(30);
    fixture.quiet().await;
    assert_eq!(fixture.functions.batches().len(), 30);
    running.stop().await;
    assert!(left(&fixture).await.is_empty());
}

#[tokio::test]
async fn a_maximum_of_concurrency_is_kept() {
    let fixture = Fixture::new();
    *fixture.functions.always.lock().unwrap() = Some(Answer::Hang);
    let _running = fixture.start(vec![]);
    let narrow = Mapping { batch_size: 1, max_concurrency: Some(2), ..mapping(&fixture) };
    save(&fixture, &narrow).await;
    send_many(&fixture, 5).await;
    fixture.advance(10_000).await;
    assert_eq!(fixture.functions.batches().len(), 2);
    fixture.functions.gate.add_permits(1);
    fixture.quiet().await;
    assert_eq!(fixture.functions.batches().len(), 3);
}

#[tokio::test]
async fn a_throttled_function_is_given_time_and_the_batch_comes_back() {
    let fixture = Fixture::new();
    fixture.functions.answer(Answer::Throttled);
    let _running = fixture.start(vec![]);
    let one = Mapping { batch_size: 1, max_concurrency: Some(1), ..mapping(&fixture) };
    save(&fixture, &one).await;
    send(&fixture, &["a", "b"]).await;
    assert_eq!(fixture.functions.batches().len(), 1, "the next batch did not wait");
    fixture.advance(1_000).await;
    assert_eq!(fixture.functions.batches().len(), 2);
    fixture.advance(30_000).await;
    assert!(left(&fixture).await.is_empty());
}

#[tokio::test]
async fn a_disabled_mapping_takes_nothing_new_and_settles_what_it_began() {
    let fixture = Fixture::new();
    fixture.functions.answer(Answer::Hang);
    let _running = fixture.start(vec![]);
    save(&fixture, &mapping(&fixture)).await;
    send(&fixture, &["a"]).await;
    save(&fixture, &Mapping { enabled: false, ..mapping(&fixture) }).await;
    send(&fixture, &["b"]).await;
    fixture.functions.gate.add_permits(1);
    fixture.advance(100_000).await;
    assert_eq!(fixture.functions.batches(), [["a"]]);
    assert_eq!(left(&fixture).await, ["b"]);
    save(&fixture, &mapping(&fixture)).await;
    assert!(left(&fixture).await.is_empty());
}

#[tokio::test]
async fn a_deleted_mapping_reads_no_more() {
    let fixture = Fixture::new();
    let _running = fixture.start(vec![]);
    save(&fixture, &mapping(&fixture)).await;
    let mut tx = fixture.platform.store.begin();
    let (account, region) = (&fixture.platform.account, &fixture.platform.region);
    mapping::delete(&mut tx, account, region, &mapping(&fixture).id).unwrap();
    tx.commit().await.unwrap();
    fixture.quiet().await;
    send(&fixture, &["a"]).await;
    fixture.advance(100_000).await;
    assert_eq!(left(&fixture).await, ["a"]);
}

#[tokio::test]
async fn a_changed_mapping_goes_on_with_its_new_settings() {
    let fixture = Fixture::new();
    let _running = fixture.start(vec![]);
    save(&fixture, &mapping(&fixture)).await;
    save(&fixture, &Mapping { batch_size: 1, ..mapping(&fixture) }).await;
    send(&fixture, &["a", "b"]).await;
    assert_eq!(fixture.functions.batches(), [["a"], ["b"]]);
}

#[tokio::test]
async fn a_function_that_is_gone_is_looked_for_with_growing_pauses() {
    let fixture = Fixture::new();
    *fixture.functions.missing.lock().unwrap() = true;
    let _running = fixture.start(vec![]);
    save(&fixture, &mapping(&fixture)).await;
    send(&fixture, &["a"]).await;
    fixture.advance(3_600_000).await;
    assert_eq!(left(&fixture).await, ["a"]);
    *fixture.functions.missing.lock().unwrap() = false;
    fixture.advance(60_000).await;
    assert!(left(&fixture).await.is_empty());
}

#[tokio::test]
async fn an_idle_mapping_costs_no_reads() {
    let fixture = Fixture::new();
    let _running = fixture.start(vec![]);
    save(&fixture, &mapping(&fixture)).await;
    let before = fixture.reads();
    fixture.advance(19_999).await;
    assert_eq!(fixture.reads(), before);
}

#[tokio::test]
async fn a_stop_settles_what_was_read() {
    let fixture = Fixture::new();
    let running = fixture.start(vec![]);
    save(&fixture, &Mapping { window_seconds: 300, ..mapping(&fixture) }).await;
    send(&fixture, &["a"]).await;
    running.stop().await;
    assert_eq!(fixture.functions.batches(), [["a"]]);
    assert!(left(&fixture).await.is_empty());
}

#[tokio::test]
async fn what_comes_from_a_loop_of_the_function_fails_and_the_rest_of_the_batch_runs() {
    let fixture = Fixture::new();
    let _running = fixture.start(vec![]);
    save(&fixture, &mapping(&fixture)).await;
    send(&fixture, &["a", "loop", "z"]).await;
    assert_eq!(fixture.functions.batches(), [["a", "z"]]);
    assert_eq!(left(&fixture).await, ["loop"]);
    send(&fixture, &["loop2"]).await;
    assert_eq!(fixture.functions.batches().len(), 1);
    assert_eq!(left(&fixture).await, ["loop", "loop2"]);
}
