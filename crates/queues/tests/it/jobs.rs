//! The background work, driven as the router drives it.

use crate::{
    common::{bodies, counts, create, places, queues, receive, receive_with, send},
    fifo,
    fifo_mappings::{Act, act},
};
use clock::Clock;
use kv::{KeyReader, Range, Scan};
use serde_json::{Value, json};
use service::{JobRecord, Next, job, tag};
use std::time::Duration;
use testkit::{Bed, on_every_engine, on_memory};
use types::Timestamp;

fn due(key: &kv::Key) -> Timestamp {
    let mut reader = KeyReader::new(tag::JOB, key).expect("a job's key");
    reader.str().expect("an account");
    reader.str().expect("a region");
    Timestamp::from_millis(reader.u64().expect("a time"))
}

/// Runs the jobs that are due, until none is; the answer is the kinds of the steps.
async fn run_jobs(bed: &Bed) -> Vec<String> {
    let mut steps = Vec::new();
    while let Some(kind) = run_step(bed).await {
        steps.push(kind);
    }
    steps
}

/// Runs one step of a job that is due; the answer is its kind.
async fn run_step(bed: &Bed) -> Option<String> {
    let jobs = queues(&bed.platform).remove(0).jobs;
    let (account, region) = (&bed.platform.account, &bed.platform.region);
    let range: Range = job::all(account, region);
    loop {
        let now = bed.clock.now();
        let mut tx = bed.platform.store.begin();
        let entries = tx.scan(&range, Scan::first(1)).await.expect("jobs");
        let entry = entries.into_iter().find(|entry| due(&entry.key) <= now)?;
        let mut record: JobRecord = kv::decode_record(&entry.value).expect("a job");
        let job = jobs.iter().find(|job| job.kind() == record.kind).expect("a known kind");
        // After a fault the router tries again.
        let Ok(next) = job.step(&record).await else { continue };
        let mut again = None;
        if let Next::Again { cursor, after } = next {
            record.cursor = cursor;
            again = Some(now + after);
        }
        loop {
            let mut tx = bed.platform.store.begin();
            tx.delete(entry.key.clone()).expect("a key");
            if let Some(at) = again {
                job::enqueue(&mut tx, account, region, at, &record).expect("a job");
            }
            if tx.commit().await.is_ok() {
                return Some(record.kind);
            }
        }
    }
}

#[tokio::test]
async fn what_a_purge_or_a_deletion_leaves_is_cleared() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        for n in 0..4 {
            send(&bed, &url, &n.to_string()).await;
        }
        receive_with(&bed, &url, json!({"MaxNumberOfMessages": 2})).await;
        bed.ok("sqs", "PurgeQueue", json!({"QueueUrl": url})).await;
        send(&bed, &url, "new").await;
        // The purged messages are still in the store, where nobody looks for them.
        assert_eq!(places(&bed).await.bodies, 5);
        assert_eq!(run_jobs(&bed).await, ["queues.clear"]);
        let left = places(&bed).await;
        assert_eq!((left.bodies, left.ready.len(), left.hidden.len()), (1, 1, 0));
        assert_eq!(bodies(&receive(&bed, &url).await), ["new"]);
        bed.ok("sqs", "DeleteQueue", json!({"QueueUrl": url})).await;
        assert_eq!(run_jobs(&bed).await, ["queues.clear"]);
        assert_eq!(places(&bed).await.keys, 0);
        // The jobs that look for expired messages end with their queue.
        bed.advance(Duration::from_secs(3_600));
        assert_eq!(run_jobs(&bed).await, ["queues.expire", "queues.expire"]);
        bed.advance(Duration::from_secs(3_600));
        assert!(run_jobs(&bed).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_long_clearing_goes_on_where_it_stopped() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        for batch in 0..60 {
            let entries: Vec<_> = (0..10)
                .map(|n| json!({"Id": n.to_string(), "MessageBody": format!("{batch}-{n}")}))
                .collect();
            let input = json!({"QueueUrl": url, "Entries": entries});
            bed.ok("sqs", "SendMessageBatch", input).await;
        }
        bed.ok("sqs", "DeleteQueue", json!({"QueueUrl": url})).await;
        // 600 bodies, 600 places and one count, 1,000 keys a step.
        assert_eq!(run_jobs(&bed).await, ["queues.clear", "queues.clear"]);
        assert_eq!(places(&bed).await.keys, 0);
    })
    .await;
}

#[tokio::test]
async fn messages_that_nobody_comes_for_expire() {
    on_every_engine(queues, async |bed| {
        let attributes = json!({"MessageRetentionPeriod": "3600", "VisibilityTimeout": "60"});
        let url = create(&bed, "jobs", attributes).await;
        send(&bed, &url, "in flight").await;
        receive(&bed, &url).await;
        send(&bed, &url, "ready").await;
        bed.advance(Duration::from_secs(1_800));
        send(&bed, &url, "young").await;
        run_jobs(&bed).await;
        assert_eq!(counts(&bed, &url).await, [3, 0, 0]);
        bed.advance(Duration::from_secs(1_800));
        assert_eq!(run_jobs(&bed).await, ["queues.expire"]);
        assert_eq!(counts(&bed, &url).await, [1, 0, 0]);
        assert_eq!(places(&bed).await.bodies, 1);
        assert_eq!(bodies(&receive(&bed, &url).await), ["young"]);
        bed.advance(Duration::from_secs(1_800));
        assert!(receive(&bed, &url).await.is_empty());
        assert_eq!(counts(&bed, &url).await, [0, 0, 0]);
    })
    .await;
}

#[tokio::test]
async fn what_a_fifo_queue_knows_is_forgotten_in_time() {
    on_every_engine(queues, async |bed| {
        let attributes = json!({"MessageRetentionPeriod": "3600", "VisibilityTimeout": "60"});
        let url = fifo::create_fifo(&bed, "jobs.fifo", attributes).await;
        for (group, body) in [("a", "in flight"), ("b", "ready"), ("c", "old")] {
            fifo::send(&bed, &url, group, body).await;
        }
        let tried = json!({"ReceiveRequestAttemptId": "1", "MaxNumberOfMessages": 1});
        receive_with(&bed, &url, tried).await;
        // The queue, its total, three bodies, groups and places, two tickets and a lock, an attempt,
        // two keys for each message by which duplicates are known, and two cursors.
        assert_eq!(places(&bed).await.keys, 1 + 3 * 3 + 2 + 1 + 1 + 2 * 3 + 2);
        bed.advance(Duration::from_secs(1_800));
        fifo::send(&bed, &url, "c", "young").await;
        run_jobs(&bed).await;
        assert_eq!(counts(&bed, &url).await, [4, 0, 0]);
        let duplicates = 2;
        assert_eq!(places(&bed).await.keys, 1 + 4 * 2 + 3 + 2 + 1 + duplicates + 2);
        bed.advance(Duration::from_secs(1_800));
        run_jobs(&bed).await;
        assert_eq!(counts(&bed, &url).await, [1, 0, 0]);
        assert_eq!(bodies(&receive(&bed, &url).await), ["young"]);
        bed.advance(Duration::from_secs(1_800));
        run_jobs(&bed).await;
        let left = places(&bed).await;
        assert_eq!((left.bodies, left.total), (0, 0));
    })
    .await;
}

/// Sends messages of one group, ten at a time.
async fn send_many(bed: &Bed, url: &str, group: &str, batches: u32) {
    for batch in 0..batches {
        let entries: Vec<_> = (0..10)
            .map(|n| {
                let body = format!("{group}-{batch}-{n}");
                json!({"Id": n.to_string(), "MessageBody": body, "MessageGroupId": group})
            })
            .collect();
        bed.ok("sqs", "SendMessageBatch", json!({"QueueUrl": url, "Entries": entries})).await;
    }
}

#[tokio::test]
async fn a_group_of_more_expired_messages_than_a_step_drops_is_cleared_in_one_run() {
    on_every_engine(queues, async |bed| {
        let attributes = json!({"MessageRetentionPeriod": "60", "VisibilityTimeout": "30"});
        let url = fifo::create_fifo(&bed, "jobs.fifo", attributes).await;
        send_many(&bed, &url, "a", 1).await;
        let held = receive(&bed, &url).await;
        // One group has a lock that is over then, the other a ticket. Ten are known already.
        send_many(&bed, &url, "a", 105).await;
        send_many(&bed, &url, "b", 105).await;
        bed.advance(Duration::from_secs(590));
        fifo::send(&bed, &url, "b", "young").await;
        bed.advance(Duration::from_secs(10));
        let handle = |message: &Value| message["ReceiptHandle"].as_str().map(str::to_owned);
        let held: Vec<String> = held.iter().filter_map(handle).collect();
        assert_eq!(held.len(), 10);
        let mut left = vec![2_101];
        while run_step(&bed).await.is_some() {
            left.push(places(&bed).await.bodies);
            if left.ends_with(&[51]) {
                // Whoever comes late finds nothing of what is gone.
                act(&bed, Act::Settle(&held)).await;
            }
            let places = places(&bed).await;
            assert_eq!(places.total, places.bodies as i64);
        }
        left.dedup();
        assert_eq!(left, [2_101, 1_101, 1_051, 51, 1]);
        assert_eq!(bodies(&receive(&bed, &url).await), ["young"]);
    })
    .await;
}

#[tokio::test]
async fn a_run_through_a_fifo_queue_ends_although_new_groups_come() {
    on_memory(queues, async |bed| {
        let url = fifo::create_fifo(&bed, "jobs.fifo", json!({})).await;
        bed.advance(Duration::from_secs(600));
        let mut steps = 0;
        loop {
            // As many groups as a step looks at.
            for batch in 0..10 {
                let entries: Vec<_> = (0..10)
                    .map(|n| {
                        let group = format!("{steps}-{batch}-{n}");
                        json!({"Id": n.to_string(), "MessageBody": group, "MessageGroupId": group})
                    })
                    .collect();
                let input = json!({"QueueUrl": url, "Entries": entries});
                bed.ok("sqs", "SendMessageBatch", input).await;
            }
            if run_step(&bed).await.is_none() {
                break;
            }
            steps += 1;
            assert!(steps < 20, "it follows the new ones");
        }
        // 300 groups were there when it came to the third of five lists; the last step is the end.
        assert!(steps >= 8, "{steps}");
    })
    .await;
}
