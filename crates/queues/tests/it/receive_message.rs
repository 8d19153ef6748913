use crate::common::{bodies, create, queues, receive, send};
use serde_json::json;
use std::time::Duration;
use testkit::on_every_engine;

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
