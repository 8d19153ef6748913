use crate::common::{
    bodies, counts, create, create_with_dead_letters, delete, queues, receive, receive_with, send,
    with_in_flight,
};
use clock::Clock;
use dispatch::Dispatcher;
use serde_json::json;
use service::{Platform, PublicUrl};
use std::{sync::Arc, time::Duration};
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_received_message_is_hidden_until_its_timeout() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({"VisibilityTimeout": "30"})).await;
        send(&bed, &url, "once").await;
        let first = receive(&bed, &url).await;
        assert_eq!(first.len(), 1);
        bed.advance(Duration::from_millis(29_999));
        assert!(receive(&bed, &url).await.is_empty());
        bed.advance(Duration::from_millis(1));
        let second = receive(&bed, &url).await;
        assert_eq!(second[0]["Attributes"]["ApproximateReceiveCount"], "2");
        assert_ne!(first[0]["ReceiptHandle"], second[0]["ReceiptHandle"]);
    })
    .await;
}

#[tokio::test]
async fn a_message_that_fails_too_often_goes_to_the_dead_letter_queue() {
    on_every_engine(queues, async |bed| {
        let dead = create(&bed, "dead", json!({})).await;
        let redrive = json!({
            "deadLetterTargetArn": "arn:aws:sqs:eu-central-1:000000000000:dead",
            "maxReceiveCount": 2,
        });
        let attributes = json!({"VisibilityTimeout": "1", "RedrivePolicy": redrive.to_string()});
        let url = create(&bed, "jobs", attributes).await;
        send(&bed, &url, "poison").await;
        for _ in 0..2 {
            assert_eq!(bodies(&receive(&bed, &url).await), ["poison"]);
            bed.advance(Duration::from_secs(1));
        }
        assert!(receive(&bed, &url).await.is_empty());
        let letters = receive(&bed, &dead).await;
        assert_eq!(bodies(&letters), ["poison"]);
        assert_eq!(
            letters[0]["Attributes"]["DeadLetterQueueSourceArn"],
            "arn:aws:sqs:eu-central-1:000000000000:jobs"
        );
    })
    .await;
}

#[tokio::test]
async fn a_waiting_receiver_gets_a_new_message_without_the_clock_moving() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        let input = json!({"QueueUrl": url, "WaitTimeSeconds": 20});
        let receiver = {
            let bed = bed.clone();
            tokio::spawn(async move { bed.ok("sqs", "ReceiveMessage", input).await })
        };
        tokio::task::yield_now().await;
        send(&bed, &url, "news").await;
        let answer = receiver.await.expect("an answer");
        assert_eq!(answer["Messages"][0]["Body"], "news");
    })
    .await;
}

#[tokio::test]
async fn many_receivers_side_by_side_get_every_message_once() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        for n in 0..50 {
            send(&bed, &url, &format!("{n:02}")).await;
        }
        let receivers: Vec<_> = (0..8)
            .map(|_| {
                let (bed, url) = (bed.clone(), url.clone());
                tokio::spawn(async move {
                    let mut all = Vec::new();
                    loop {
                        let some = receive(&bed, &url).await;
                        if some.is_empty() {
                            return all;
                        }
                        all.extend(some);
                    }
                })
            })
            .collect();
        let mut all = Vec::new();
        for receiver in receivers {
            all.extend(receiver.await.expect("a receiver"));
        }
        let expected: Vec<String> = (0..50).map(|n| format!("{n:02}")).collect();
        assert_eq!(bodies(&all), expected);
    })
    .await;
}

#[tokio::test]
async fn messages_behind_dead_letters_and_expired_ones_are_received() {
    on_every_engine(queues, async |bed| {
        let dead = create(&bed, "dead", json!({"MessageRetentionPeriod": "1209600"})).await;
        let url = create_with_dead_letters(&bed, "jobs", "dead", 1).await;
        for n in 0..15 {
            send(&bed, &url, &format!("poison {n:02}")).await;
        }
        while !receive(&bed, &url).await.is_empty() {}
        bed.advance(Duration::from_secs(1));
        send(&bed, &url, "good").await;
        let one = json!({"MaxNumberOfMessages": 1, "VisibilityTimeout": 30});
        assert_eq!(bodies(&receive_with(&bed, &url, one.clone()).await), ["good"]);
        // The rest goes where it belongs with the next looks.
        assert!(receive(&bed, &url).await.is_empty());
        assert_eq!(counts(&bed, &url).await, [0, 1, 0]);
        assert_eq!(counts(&bed, &dead).await, [15, 0, 0]);
        for n in 0..15 {
            send(&bed, &url, &format!("old {n:02}")).await;
        }
        bed.advance(Duration::from_secs(345_600));
        send(&bed, &url, "young").await;
        assert_eq!(bodies(&receive_with(&bed, &url, one).await), ["young"]);
    })
    .await;
}

/// The copies of one receive must fit into one transaction.
#[tokio::test]
async fn large_dead_letters_all_arrive() {
    on_memory(queues, async |bed| {
        let dead = create(&bed, "dead", json!({})).await;
        let url = create_with_dead_letters(&bed, "jobs", "dead", 1).await;
        for n in 0..12 {
            send(&bed, &url, &format!("{n:x}").repeat(1_048_576)).await;
        }
        while !receive(&bed, &url).await.is_empty() {}
        bed.advance(Duration::from_secs(1));
        assert!(receive(&bed, &url).await.is_empty());
        assert_eq!(counts(&bed, &url).await, [0, 0, 0]);
        assert_eq!(counts(&bed, &dead).await, [12, 0, 0]);
    })
    .await;
}

#[tokio::test]
async fn a_letter_stays_while_its_dead_letter_queue_is_gone() {
    on_memory(queues, async |bed| {
        let dead = create(&bed, "dead", json!({})).await;
        let url = create_with_dead_letters(&bed, "jobs", "dead", 1).await;
        send(&bed, &url, "poison").await;
        bed.ok("sqs", "DeleteQueue", json!({"QueueUrl": dead})).await;
        for count in ["1", "2", "3"] {
            let message = receive(&bed, &url).await.remove(0);
            assert_eq!(message["Attributes"]["ApproximateReceiveCount"], count);
            bed.advance(Duration::from_secs(1));
        }
    })
    .await;
}

/// A receiver that waits by the queue's own default, for a message that is hidden from all while
/// it waits.
#[tokio::test(start_paused = true)]
async fn a_waiting_receiver_gets_a_delayed_message_when_its_time_has_come() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs", json!({"ReceiveMessageWaitTimeSeconds": "20"})).await;
        let receiver = {
            let (bed, url) = (bed.clone(), url.clone());
            tokio::spawn(async move { receive(&bed, &url).await })
        };
        tokio::task::yield_now().await;
        let late = json!({"QueueUrl": url, "MessageBody": "late", "DelaySeconds": 3});
        bed.ok("sqs", "SendMessage", late).await;
        for _ in 0..30 {
            bed.advance(Duration::from_millis(100));
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
        }
        assert!(receiver.is_finished());
        assert_eq!(bodies(&receiver.await.expect("an answer")), ["late"]);
    })
    .await;
}

#[tokio::test]
async fn a_wait_ends_at_its_time() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs", json!({"ReceiveMessageWaitTimeSeconds": "20"})).await;
        // The request decides, not the queue.
        assert!(receive_with(&bed, &url, json!({"WaitTimeSeconds": 0})).await.is_empty());
        let receiver = {
            let (bed, url) = (bed.clone(), url.clone());
            tokio::spawn(async move { receive(&bed, &url).await })
        };
        while !receiver.is_finished() {
            bed.advance(Duration::from_secs(1));
            tokio::task::yield_now().await;
        }
        assert!(receiver.await.expect("an answer").is_empty());
    })
    .await;
}

/// Hidden messages are looked for from a cursor on, which moves while messages flow.
#[tokio::test]
async fn a_clock_that_steps_back_hides_no_message_for_good() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({"VisibilityTimeout": "1"})).await;
        for n in 0..5 {
            send(&bed, &url, &n.to_string()).await;
            bed.advance(Duration::from_secs(60));
            let message = receive_with(&bed, &url, json!({"MaxNumberOfMessages": 1})).await;
            let handle = message[0]["ReceiptHandle"].as_str().expect("a handle");
            delete(&bed, &url, handle).await;
        }
        // Another node, whose clock is two minutes behind, receives and dies.
        let mut behind = bed.clone();
        behind.clock = clock::ManualClock::new(bed.clock.now() - Duration::from_secs(120));
        let behind = with_clock(&behind);
        send(&bed, &url, "mine").await;
        assert_eq!(bodies(&receive(&behind, &url).await), ["mine"]);
        bed.advance(Duration::from_secs(1));
        assert_eq!(bodies(&receive(&bed, &url).await), ["mine"]);
    })
    .await;
}

/// A second node on the same store.
fn with_clock(bed: &testkit::Bed) -> testkit::Bed {
    let platform = Arc::new(Platform::new(
        bed.platform.store.clone(),
        Arc::new(bed.clock.clone()),
        PublicUrl::new(testkit::PUBLIC_URL),
        bed.platform.account.clone(),
        bed.platform.region.clone(),
    ));
    let definitions = queues(&platform);
    let ids = clock::Ids::from_seed(8);
    let identities = bed.identities.clone();
    let dispatcher = Dispatcher::new(&definitions, identities, platform.clone(), ids);
    let dispatcher = Arc::new(dispatcher.expect("services that fit their models"));
    platform.connect(dispatcher.clone(), bed.identities.clone(), &definitions);
    testkit::Bed { platform, dispatcher, ..bed.clone() }
}

/// Texts as SQS answers them.
#[tokio::test]
async fn parameters_are_checked() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        let cases = [
            ("MaxNumberOfMessages", 11, "between 1 and 10"),
            ("MaxNumberOfMessages", 0, "between 1 and 10"),
            ("WaitTimeSeconds", 21, ">= 0 and <= 20"),
            ("VisibilityTimeout", 43_201, ">= 0 and <= 43200"),
        ];
        for (name, value, reason) in cases {
            let input = json!({"QueueUrl": url, name: value});
            let (code, text) = bed.fault("sqs", "ReceiveMessage", input).await;
            assert_eq!(code, "InvalidParameterValue");
            assert_eq!(
                text,
                format!(
                    "Value {value} for parameter {name} is invalid. Reason: Must be {reason}, if \
                     provided."
                )
            );
        }
    })
    .await;
}

/// Codes and texts: see `Error::TooManyInFlight`.
#[tokio::test]
async fn only_so_many_messages_may_be_in_flight() {
    on_memory(
        |platform| with_in_flight(platform, 15),
        async |bed| {
            let url = create(&bed, "jobs", json!({"VisibilityTimeout": "30"})).await;
            for n in 0..20 {
                send(&bed, &url, &n.to_string()).await;
            }
            assert_eq!(receive(&bed, &url).await.len(), 10);
            let got = receive(&bed, &url).await;
            assert_eq!(got.len(), 5);
            let input = json!({"QueueUrl": url});
            let (code, text) = bed.fault("sqs", "ReceiveMessage", input).await;
            assert_eq!(code, "OverLimit");
            assert!(
                text.starts_with("Too many messages have been received without being deleted.")
            );
            let handle = got[0]["ReceiptHandle"].as_str().unwrap();
            delete(&bed, &url, handle).await;
            bed.advance(Duration::from_secs(2));
            assert_eq!(receive(&bed, &url).await.len(), 1, "one was deleted");
            bed.advance(Duration::from_secs(30));
            assert_eq!(receive(&bed, &url).await.len(), 10, "all are visible again");
        },
    )
    .await;
}

#[tokio::test]
async fn a_long_poll_waits_for_room_in_flight_and_gets_no_error() {
    on_memory(
        |platform| with_in_flight(platform, 1),
        async |bed| {
            let url = create(&bed, "jobs", json!({"VisibilityTimeout": "30"})).await;
            send(&bed, &url, "one").await;
            send(&bed, &url, "two").await;
            assert_eq!(receive(&bed, &url).await.len(), 1);
            let poll = receive_with(&bed, &url, json!({"WaitTimeSeconds": 3}));
            let time = async {
                for _ in 0..4 {
                    tokio::task::yield_now().await;
                    for _ in 0..200 {
                        tokio::task::yield_now().await;
                    }
                    bed.advance(Duration::from_secs(1));
                }
            };
            let (got, ()) = tokio::join!(poll, time);
            assert_eq!(got.len(), 0);
        },
    )
    .await;
}
