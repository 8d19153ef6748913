use crate::common::{
    arn, attributes, bodies, create, create_with_dead_letters, queues, receive, send,
};
use kv::{KeyBuilder, Scan, Tag};
use serde_json::{Value, json};
use service::tag;
use std::time::Duration;
use testkit::{on_every_engine, on_memory};

fn input(url: &str, attributes: Value) -> Value {
    json!({"QueueUrl": url, "Attributes": attributes})
}

#[tokio::test]
async fn all_attributes_change_or_none() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        bed.advance(Duration::from_secs(5));
        let wrong = json!({"DelaySeconds": "7", "VisibilityTimeout": "-1"});
        let (code, text) = bed.fault("sqs", "SetQueueAttributes", input(&url, wrong)).await;
        assert_eq!(code, "InvalidAttributeValue");
        assert_eq!(text, "Invalid value for the parameter VisibilityTimeout.");
        let names = ["DelaySeconds", "LastModifiedTimestamp"];
        let expected = json!({"DelaySeconds": "0", "LastModifiedTimestamp": "1800000000"});
        assert_eq!(attributes(&bed, &url, &names).await, expected);
        let right = json!({"DelaySeconds": "7"});
        bed.ok("sqs", "SetQueueAttributes", input(&url, right)).await;
        let expected = json!({"DelaySeconds": "7", "LastModifiedTimestamp": "1800000005"});
        assert_eq!(attributes(&bed, &url, &names).await, expected);
    })
    .await;
}

/// Texts as SQS answers them.
#[tokio::test]
async fn a_redrive_policy_names_a_queue_that_takes_the_letters() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        let closed = json!({"redrivePermission": "denyAll"}).to_string();
        create(&bed, "closed", json!({"RedriveAllowPolicy": closed})).await;
        let open = json!({"redrivePermission": "byQueue", "sourceQueueArns": [arn("jobs")]});
        create(&bed, "open", json!({"RedriveAllowPolicy": open.to_string()})).await;
        let to = |target: &str| json!({"deadLetterTargetArn": target, "maxReceiveCount": 3});
        let other = "arn:aws:sqs:eu-central-1:111111111111:open";
        let cases = [
            (json!("text"), "Redrive policy is not a valid JSON map."),
            (
                json!({"maxReceiveCount": 3}),
                "Redrive policy does not contain mandatory attribute: deadLetterTargetArn.",
            ),
            (to("dummy"), "Invalid value for deadLetterTargetArn."),
            (to(&arn("none")), "Dead letter target does not exist."),
            (to(other), "Dead-letter target owner should be same as the source."),
            (to(&arn("jobs")), "Dead letter target is the source queue itself."),
            (
                to(&arn("closed")),
                "The dead letter target's RedriveAllowPolicy does not permit this source queue.",
            ),
            (
                json!({"deadLetterTargetArn": arn("open"), "maxReceiveCount": 1001}),
                "Invalid value for maxReceiveCount: 1001, valid values are from 1 to 1000 both \
                 inclusive.",
            ),
        ];
        for (policy, reason) in cases {
            let attributes = json!({"RedrivePolicy": policy.to_string()});
            let (code, text) =
                bed.fault("sqs", "SetQueueAttributes", input(&url, attributes)).await;
            assert_eq!(code, "InvalidParameterValue");
            assert_eq!(
                text,
                format!("Value {policy} for parameter RedrivePolicy is invalid. Reason: {reason}")
            );
        }
        // A number or its text, as templates have it.
        let policy = json!({"deadLetterTargetArn": arn("open"), "maxReceiveCount": "3"});
        let right = json!({"RedrivePolicy": policy.to_string()});
        bed.ok("sqs", "SetQueueAttributes", input(&url, right)).await;
    })
    .await;
}

#[tokio::test]
async fn an_empty_text_takes_a_policy_away() {
    on_memory(queues, async |bed| {
        create(&bed, "dead", json!({})).await;
        let url = create_with_dead_letters(&bed, "jobs", "dead", 3).await;
        let redrive = attributes(&bed, &url, &["RedrivePolicy"]).await;
        let redrive: Value =
            serde_json::from_str(redrive["RedrivePolicy"].as_str().unwrap()).unwrap();
        assert_eq!(redrive, json!({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": 3}));
        let none = json!({"RedrivePolicy": ""});
        bed.ok("sqs", "SetQueueAttributes", input(&url, none)).await;
        assert_eq!(attributes(&bed, &url, &["RedrivePolicy"]).await, Value::Null);
    })
    .await;
}

#[tokio::test]
async fn bodies_are_encrypted_as_the_attributes_say() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        let names = ["SqsManagedSseEnabled", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds"];
        let set = async |wanted: Value, expected: Value| {
            bed.ok("sqs", "SetQueueAttributes", input(&url, wanted)).await;
            assert_eq!(attributes(&bed, &url, &names).await, expected);
        };
        let lies_open = async || {
            let mut tx = bed.platform.store.begin();
            let range = KeyBuilder::new(Tag(tag::QUEUES + 1)).range();
            let entries = tx.scan(&range, Scan::first(10)).await.unwrap();
            entries.iter().any(|entry| entry.value.windows(6).any(|part| part == b"secret"))
        };
        send(&bed, &url, "a secret").await;
        assert!(!lies_open().await, "encryption is the default");
        let key = json!({"SqsManagedSseEnabled": "false", "KmsMasterKeyId": "alias/aws/sqs",
            "KmsDataKeyReusePeriodSeconds": "300"});
        set(json!({"KmsMasterKeyId": "alias/aws/sqs"}), key.clone()).await;
        send(&bed, &url, "another secret").await;
        assert!(!lies_open().await);
        set(json!({"DelaySeconds": "0"}), key).await;
        set(json!({"KmsMasterKeyId": ""}), json!({"SqsManagedSseEnabled": "false"})).await;
        send(&bed, &url, "no secret").await;
        assert!(lies_open().await);
        let got = receive(&bed, &url).await;
        assert_eq!(bodies(&got), ["a secret", "another secret", "no secret"]);
        let both = json!({"SqsManagedSseEnabled": "true", "KmsMasterKeyId": "alias/aws/sqs"});
        let (code, _) = bed.fault("sqs", "SetQueueAttributes", input(&url, both)).await;
        assert_eq!(code, "InvalidAttributeValue");
    })
    .await;
}
