use crate::common::{arn, attributes, create, queues};
use serde_json::json;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_queue_has_the_documented_defaults() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        assert_eq!(url, format!("{}/000000000000/jobs", testkit::PUBLIC_URL));
        let expected = json!({
            "ApproximateNumberOfMessages": "0",
            "ApproximateNumberOfMessagesDelayed": "0",
            "ApproximateNumberOfMessagesNotVisible": "0",
            "CreatedTimestamp": "1800000000",
            "DelaySeconds": "0",
            "LastModifiedTimestamp": "1800000000",
            "MaximumMessageSize": "1048576",
            "MessageRetentionPeriod": "345600",
            "QueueArn": arn("jobs"),
            "ReceiveMessageWaitTimeSeconds": "0",
            "SqsManagedSseEnabled": "true",
            "VisibilityTimeout": "30",
        });
        assert_eq!(attributes(&bed, &url, &["All"]).await, expected);
    })
    .await;
}

#[tokio::test]
async fn the_same_queue_is_found_and_another_of_its_name_refused() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({"DelaySeconds": "5"})).await;
        assert_eq!(create(&bed, "jobs", json!({"DelaySeconds": "5"})).await, url);
        assert_eq!(create(&bed, "jobs", json!({})).await, url);
        let input = json!({"QueueName": "jobs", "Attributes": {"DelaySeconds": "6"}});
        let reply = bed.root().json("sqs", "CreateQueue", &input).await;
        assert_eq!(reply.headers["x-amzn-query-error"], "QueueAlreadyExists;Sender");
        let (code, text) = reply.fault();
        assert_eq!(code, "QueueNameExists");
        assert_eq!(
            text,
            "A queue already exists with the same name and a different value for attribute \
             DelaySeconds"
        );
    })
    .await;
}

#[tokio::test]
async fn of_many_that_create_one_name_with_different_attributes_one_wins() {
    on_every_engine(queues, async |bed| {
        let tasks: Vec<_> = (0..8)
            .map(|n| {
                let bed = bed.clone();
                let attributes = json!({"VisibilityTimeout": n.to_string()});
                let input = json!({"QueueName": "jobs", "Attributes": attributes});
                tokio::spawn(async move { bed.root().json("sqs", "CreateQueue", &input).await })
            })
            .collect();
        let mut winners = 0;
        for task in tasks {
            let reply = task.await.expect("a reply");
            winners += usize::from(reply.status == 200);
            assert!(reply.status == 200 || reply.fault().0 == "QueueNameExists");
        }
        assert_eq!(winners, 1);
    })
    .await;
}

#[tokio::test]
async fn names_and_attributes_are_checked() {
    on_memory(queues, async |bed| {
        let long = "x".repeat(81);
        for name in ["", "a b", "a.b", long.as_str()] {
            let (code, text) = bed.fault("sqs", "CreateQueue", json!({"QueueName": name})).await;
            assert_eq!(code, "InvalidParameterValue", "{name}: {text}");
        }
        let cases = [
            ("DelaySeconds", "901", "InvalidAttributeValue"),
            ("DelaySeconds", "soon", "InvalidAttributeValue"),
            ("MaximumMessageSize", "1023", "InvalidAttributeValue"),
            ("MaximumMessageSize", "1048577", "InvalidAttributeValue"),
            ("MessageRetentionPeriod", "59", "InvalidAttributeValue"),
            ("ReceiveMessageWaitTimeSeconds", "21", "InvalidAttributeValue"),
            ("VisibilityTimeout", "43201", "InvalidAttributeValue"),
            ("RedriveAllowPolicy", "{}", "InvalidAttributeValue"),
            ("Policy", "{", "InvalidParameterValue"),
            ("FifoQueue", "true", "InvalidParameterValue"),
            ("FifoQueue", "false", "InvalidAttributeName"),
            ("ContentBasedDeduplication", "true", "InvalidAttributeName"),
            ("DeduplicationScope", "queue", "InvalidAttributeName"),
            ("KmsMasterKeyId", "alias/mine", "UnsupportedOperation"),
            ("SqsManagedSseEnabled", "yes", "InvalidAttributeValue"),
            ("QueueArn", "mine", "InvalidAttributeName"),
            ("Colour", "blue", "InvalidAttributeName"),
        ];
        for (name, value, expected) in cases {
            let input = json!({"QueueName": "jobs", "Attributes": {name: value}});
            let (code, text) = bed.fault("sqs", "CreateQueue", input).await;
            assert_eq!(code, expected, "{name} {value}: {text}");
        }
        assert_eq!(bed.ok("sqs", "ListQueues", json!({})).await, json!({}));
    })
    .await;
}

#[tokio::test]
async fn tags_need_a_permission_of_their_own() {
    on_memory(queues, async |bed| {
        let creator = bed.user(
            "creator",
            &json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "sqs:CreateQueue", "Resource": "*"}]}),
        );
        let input = json!({"QueueName": "jobs", "tags": {"team": "blue"}});
        let (code, text) = creator.fault("sqs", "CreateQueue", input).await;
        assert_eq!(code, "AccessDeniedException");
        assert!(text.contains("sqs:TagQueue"), "{text}");
        creator.ok("sqs", "CreateQueue", json!({"QueueName": "jobs"})).await;
    })
    .await;
}
