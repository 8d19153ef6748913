use crate::common::{fault, get, logs as services, messages, missing_group, ok};
use clock::{Clock, Ids};
use kv_memory::{Faults, Faulty, MemoryEngine};
use logs::{Destination, LogWriter, config};
use serde_json::{Value, json};
use std::sync::Arc;
use testkit::{ACCOUNT, Bed, REGION, on_every_engine, on_memory};
use types::Timestamp;

fn start(bed: &Bed) -> LogWriter {
    LogWriter::start(bed.platform.clone(), Ids::from_seed(11))
}

/// A stream of the group `g`, written by a function whose role is `worker`.
fn to(stream: &str) -> Destination {
    let role = "arn:aws:iam::000000000000:role/worker".parse().unwrap();
    Destination { group: "g".to_owned(), stream: stream.to_owned(), role, session: "f".to_owned() }
}

fn line(bed: &Bed, text: &str) -> Vec<(Timestamp, String)> {
    vec![(bed.clock.now(), text.to_owned())]
}

/// Lets the writer's task run until it waits for the clock.
async fn quiet() {
    for _ in 0..2_000 {
        tokio::task::yield_now().await;
    }
}

async fn read(bed: &Bed, stream: &str) -> Value {
    get(bed, stream, json!({"startFromHead": true})).await
}

#[tokio::test]
async fn lines_are_stored_in_order_after_a_moment_and_make_their_stream() {
    on_memory(services, async |bed| {
        let writer = start(&bed);
        writer.write(to("s"), line(&bed, "one"));
        writer.write(to("s"), line(&bed, "two"));
        writer.write(to("t"), line(&bed, "other"));
        quiet().await;
        let input = json!({"logGroupName": "g", "logStreamName": "s"});
        assert_eq!(fault(&bed, "GetLogEvents", input).await, missing_group(), "not yet");
        bed.advance(config::WRITER_LINGER);
        quiet().await;
        assert_eq!(messages(&read(&bed, "s").await), ["one", "two"]);
        assert_eq!(messages(&read(&bed, "t").await), ["other"]);
    })
    .await;
}

#[tokio::test]
async fn a_flush_stores_everything_at_once() {
    on_every_engine(services, async |bed| {
        let writer = start(&bed);
        writer.flush().await;
        for n in 0..3_000 {
            writer.write(to(["s", "t"][n % 2]), line(&bed, &n.to_string()));
        }
        writer.flush().await;
        let expected: Vec<String> = (0..3_000).step_by(2).map(|n| n.to_string()).collect();
        assert_eq!(messages(&read(&bed, "s").await), expected);
        writer.write(to("s"), line(&bed, "last"));
        writer.flush().await;
        assert_eq!(messages(&read(&bed, "s").await).last(), Some(&"last"));
    })
    .await;
}

#[tokio::test]
async fn a_full_batch_is_stored_without_waiting() {
    on_memory(services, async |bed| {
        let writer = start(&bed);
        writer.write(to("s"), line(&bed, &"x".repeat(config::WRITER_BATCH_BYTES)));
        quiet().await;
        assert_eq!(messages(&read(&bed, "s").await).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_does_not_fit_into_memory_is_counted_in_its_stream() {
    on_memory(services, async |bed| {
        let writer = start(&bed);
        let large = "x".repeat(1_000_000);
        for _ in 0..20 {
            writer.write(to("s"), line(&bed, &large));
        }
        writer.flush().await;
        writer.write(to("s"), line(&bed, "after"));
        writer.flush().await;
        let page =
            ok(&bed, "FilterLogEvents", json!({"logGroupName": "g", "filterPattern": "-xx"}));
        assert_eq!(
            messages(&page.await),
            [
                "[pileus] 16 log lines were dropped: they came faster than they could be stored",
                "after"
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn lines_outlive_a_store_that_is_away() {
    let engine = Faulty::new(Arc::new(MemoryEngine::new()), 1, Faults::default());
    let bed = Bed::new(Arc::new(engine.clone()), services);
    let writer = start(&bed);
    engine.crash();
    writer.write(to("s"), line(&bed, "kept"));
    bed.advance(config::WRITER_LINGER);
    quiet().await;
    for _ in 0..20 {
        bed.advance(config::WRITER_PAUSE_MAX);
        quiet().await;
    }
    engine.restart();
    bed.advance(config::WRITER_PAUSE_MAX);
    writer.flush().await;
    assert_eq!(messages(&read(&bed, "s").await), ["kept"]);
}

#[tokio::test]
async fn a_group_that_was_deleted_is_made_again() {
    on_memory(services, async |bed| {
        let writer = start(&bed);
        writer.write(to("s"), line(&bed, "one"));
        writer.flush().await;
        ok(&bed, "DeleteLogGroup", json!({"logGroupName": "g"})).await;
        writer.write(to("s"), line(&bed, "two"));
        writer.flush().await;
        assert_eq!(messages(&read(&bed, "s").await), ["two"]);
    })
    .await;
}

#[tokio::test]
async fn a_role_writes_what_it_may_and_nothing_else() {
    on_every_engine(services, async |bed| {
        let writer = start(&bed);
        let group = format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:g");
        let statement = |actions: Value| {
            json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": actions, "Resource": format!("{group}:*")}]})
        };
        let write = async |text: &str| {
            writer.write(to("s"), line(&bed, text));
            writer.flush().await;
        };
        let input = json!({"logGroupName": "g", "logStreamName": "s"});
        bed.identities.role("worker", &statement(json!(["logs:PutLogEvents"])));
        write("no group may be made").await;
        assert_eq!(fault(&bed, "GetLogEvents", input.clone()).await, missing_group());
        ok(&bed, "CreateLogGroup", json!({"logGroupName": "g"})).await;
        write("no stream may be made").await;
        assert_eq!(fault(&bed, "GetLogEvents", input).await.0, "ResourceNotFoundException");
        let both = json!(["logs:PutLogEvents", "logs:CreateLogStream"]);
        bed.identities.role("worker", &statement(both));
        write("one").await;
        bed.identities.role("worker", &statement(json!(["logs:CreateLogStream"])));
        write("may not be put").await;
        bed.identities.role("worker", &statement(json!(["logs:*"])));
        write("two").await;
        assert_eq!(messages(&read(&bed, "s").await), ["one", "two"]);
    })
    .await;
}
