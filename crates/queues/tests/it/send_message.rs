use crate::common::{bodies, create, queues, receive, receive_with, send};
use serde_json::json;
use std::time::Duration;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_sent_message_is_received_with_its_checksums() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        let input = json!({
            "QueueUrl": url,
            "MessageBody": "hello",
            "MessageAttributes": {"n": {"DataType": "Number", "StringValue": "1"}},
        });
        let sent = bed.ok("sqs", "SendMessage", input).await;
        assert_eq!(sent["MD5OfMessageBody"], "5d41402abc4b2a76b9719d911017c592");
        let received = receive(&bed, &url).await;
        assert_eq!(bodies(&received), ["hello"]);
        assert_eq!(received[0]["MessageId"], sent["MessageId"]);
        assert_eq!(received[0]["MD5OfBody"], sent["MD5OfMessageBody"]);
        assert_eq!(received[0]["Attributes"]["ApproximateReceiveCount"], "1");
    })
    .await;
}

#[tokio::test]
async fn a_delayed_message_appears_after_its_delay() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({"DelaySeconds": "5"})).await;
        send(&bed, &url, "late").await;
        bed.advance(Duration::from_millis(4_999));
        assert!(receive(&bed, &url).await.is_empty());
        bed.advance(Duration::from_millis(1));
        assert_eq!(bodies(&receive(&bed, &url).await), ["late"]);
    })
    .await;
}

/// Text as SQS answers it.
#[tokio::test]
async fn a_queue_that_does_not_exist_is_told_in_both_protocols() {
    on_memory(queues, async |bed| {
        let url = "http://127.0.0.1:4566/000000000000/none";
        let input = json!({"QueueUrl": url, "MessageBody": "x"});
        let reply = bed.root().json("sqs", "SendMessage", &input).await;
        assert_eq!(reply.status, 400);
        assert_eq!(
            reply.headers["x-amzn-query-error"],
            "AWS.SimpleQueueService.NonExistentQueue;Sender"
        );
        assert_eq!(reply.fault().0, "QueueDoesNotExist");
        let parameters = [
            ("Action", "SendMessage"),
            ("Version", "2012-11-05"),
            ("QueueUrl", url),
            ("MessageBody", "x"),
        ];
        let reply = bed.root().query("sqs", &parameters).await;
        assert_eq!(
            reply.fault(),
            (
                "AWS.SimpleQueueService.NonExistentQueue".to_owned(),
                "The specified queue does not exist.".to_owned()
            )
        );
    })
    .await;
}

#[tokio::test]
async fn characters_that_xml_does_not_allow_are_refused() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        let input = json!({"QueueUrl": url, "MessageBody": "a\u{b}"});
        assert_eq!(bed.fault("sqs", "SendMessage", input).await.0, "InvalidMessageContents");
    })
    .await;
}

#[tokio::test]
async fn attributes_are_hashed_told_and_filtered() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({"VisibilityTimeout": "0"})).await;
        let text = |text: &str| json!({"DataType": "String", "StringValue": text});
        let input = json!({
            "QueueUrl": url,
            "MessageBody": "msg",
            "MessageAttributes": {
                "Help.Me": text("Me"), "Hello": text("There"), "General": text("Kenobi"),
            },
            "MessageSystemAttributes": {"AWSTraceHeader": text("Root=1-5759e988-bd862e3fe1be46a994272793")},
        });
        // Figures of SQS itself; that of the system attributes is by the same algorithm.
        let sent = bed.ok("sqs", "SendMessage", input).await;
        assert_eq!(sent["MD5OfMessageAttributes"], "4c360f3fdafd970e05fae2f149d997f5");
        assert!(sent["MD5OfMessageSystemAttributes"].is_string(), "{sent}");
        let cases: [(&[&str], &[&str], Option<&str>); 6] = [
            (&[], &[], None),
            (&["All"], &["General", "Hello", "Help.Me"], Some("4c360f3fdafd970e05fae2f149d997f5")),
            (&[".*"], &["General", "Hello", "Help.Me"], Some("4c360f3fdafd970e05fae2f149d997f5")),
            (&["General", "Hello"], &["General", "Hello"], Some("fca026605781cb4126a1e9044df24232")),
            (&["Hello", "None"], &["Hello"], Some("a311262e065454b75da111d535b8dacd")),
            (&["Hel.*"], &["Hello", "Help.Me"], Some("83fee93c1bcd8b9a5a923ffacdc636c7")),
        ];
        for (names, expected, md5) in cases {
            let message =
                receive_with(&bed, &url, json!({"MessageAttributeNames": names})).await.remove(0);
            let told = message["MessageAttributes"].as_object();
            let told: Vec<_> = told.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
            assert_eq!(told, expected, "{names:?}");
            assert_eq!(message["MD5OfMessageAttributes"].as_str(), md5);
            let trace = &message["Attributes"]["AWSTraceHeader"];
            assert_eq!(trace, "Root=1-5759e988-bd862e3fe1be46a994272793");
        }
    })
    .await;
}

#[tokio::test]
async fn attributes_are_checked() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        let string = |text: &str| json!({"DataType": "String", "StringValue": text});
        let long = "n".repeat(257);
        let eleven: serde_json::Value = (0..11).map(|n| (n.to_string(), string("x"))).collect();
        let bad = [
            eleven,
            json!({"AWS.x": string("x")}),
            json!({"amazon.x": string("x")}),
            json!({"a..b": string("x")}),
            json!({".a": string("x")}),
            json!({long.as_str(): string("x")}),
            json!({"a": string("")}),
            json!({"a": {"DataType": "Number", "StringValue": "many"}}),
            json!({"a": {"DataType": "Number", "StringValue": ""}}),
            json!({"a": {"DataType": "Text", "StringValue": "x"}}),
            json!({"a": {"DataType": "Binary", "StringValue": "x"}}),
            json!({"a": {"DataType": format!("String.{}", "x".repeat(249)), "StringValue": "x"}}),
        ];
        for attributes in bad {
            let input =
                json!({"QueueUrl": url, "MessageBody": "x", "MessageAttributes": attributes});
            let (code, text) = bed.fault("sqs", "SendMessage", input).await;
            assert_eq!(code, "InvalidParameterValue", "{attributes}: {text}");
        }
        let attributes = json!({"a": string("")});
        let input = json!({"QueueUrl": url, "MessageBody": "x", "MessageAttributes": attributes});
        assert_eq!(
            bed.fault("sqs", "SendMessage", input).await.1,
            "Message (user) attribute 'a' must contain a non-empty value of type 'String'."
        );
        let good = json!({
            "attr.1øß": string("x"),
            "price": {"DataType": "Number.euro", "StringValue": "-12.5e3"},
            "key": {"DataType": "Binary.png", "BinaryValue": "AAEC"},
        });
        let input = json!({"QueueUrl": url, "MessageBody": "x", "MessageAttributes": good});
        bed.ok("sqs", "SendMessage", input).await;
    })
    .await;
}

#[tokio::test]
async fn a_message_counts_its_attributes_and_holds_any_character_to_its_limit() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        // Each of these would double in JSON.
        let quotes = "\"".repeat(1_048_576);
        send(&bed, &url, &quotes).await;
        assert_eq!(receive(&bed, &url).await[0]["Body"], quotes);
        let attributes = json!({"n": {"DataType": "String", "StringValue": "x"}});
        let input = json!({
            "QueueUrl": url,
            "MessageBody": "x".repeat(1_048_576 - 7),
            "MessageAttributes": attributes,
        });
        let (code, text) = bed.fault("sqs", "SendMessage", input).await;
        assert_eq!(code, "InvalidParameterValue");
        assert_eq!(
            text,
            "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."
        );
        let input = json!({"QueueUrl": url, "MessageBody": ""});
        let (code, text) = bed.fault("sqs", "SendMessage", input).await;
        assert_eq!(code, "MissingParameter");
        assert_eq!(text, "The request must contain the parameter MessageBody.");
    })
    .await;
}

#[tokio::test]
async fn the_trace_header_of_a_request_stays_with_its_message() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({"VisibilityTimeout": "0"})).await;
        let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0;Lineage=a87bd80c:1";
        let body = json!({"QueueUrl": url, "MessageBody": "m"}).to_string();
        let request = http::Request::post("/")
            .header("X-Amz-Target", "AmazonSQS.SendMessage")
            .header("Content-Type", "application/x-amz-json-1.0")
            .header("X-Amzn-Trace-Id", header);
        assert_eq!(bed.root().send("sqs", request, body.into()).await.status, 200);
        let message = receive_with(&bed, &url, json!({})).await.remove(0);
        assert_eq!(message["Attributes"]["AWSTraceHeader"], header);
    })
    .await;
}
