//! The Query protocol, as older SDKs and plain tools speak it.

use crate::common::{create, queues};
use quick_xml::{Reader, events::Event};
use serde_json::json;
use testkit::{Bed, on_memory};

/// The texts of an answer under their paths, `SendMessageResult/MessageId`, in order.
fn texts(xml: &str) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(xml);
    let (mut path, mut texts) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(start) => {
                path.push(start.name().as_ref().to_owned());
                texts.push((path[1..].join("/"), String::new()));
            }
            Event::Text(text) => {
                texts.last_mut().expect("an element").1.push_str(&text);
            }
            Event::GeneralRef(name) => {
                let character = match &*name {
                    "lt" => '<',
                    "gt" => '>',
                    other => panic!("an unknown entity: {other}"),
                };
                texts.last_mut().expect("an element").1.push(character);
            }
            Event::End(_) => drop(path.pop()),
            Event::Eof => break,
            _ => {}
        }
    }
    texts.retain(|(_, text)| !text.is_empty());
    texts
}

/// Calls an action with parameters written as in a query string.
async fn call(bed: &Bed, action: &str, parameters: &str) -> Vec<(String, String)> {
    let pairs = parameters.split('&').filter_map(|pair| pair.split_once('='));
    let mut all = vec![("Action", action), ("Version", "2012-11-05")];
    all.extend(pairs);
    let reply = bed.root().query("sqs", &all).await;
    assert_eq!(reply.status, 200, "{action}: {}", reply.text());
    assert_eq!(reply.headers["content-type"], "text/xml");
    let text = reply.text();
    assert!(text.contains(&format!(
        "<{action}Response xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">"
    )));
    let texts = texts(&text);
    assert!(texts.iter().any(|(path, _)| path == "ResponseMetadata/RequestId"));
    texts
}

fn find<'a>(texts: &'a [(String, String)], path: &str) -> &'a str {
    let found = texts.iter().find(|(at, _)| at == path);
    &found.unwrap_or_else(|| panic!("no {path} in {texts:?}")).1
}

#[tokio::test]
async fn queues_are_made_described_and_listed() {
    on_memory(queues, async |bed| {
        let parameters = "QueueName=jobs&Attribute.1.Name=DelaySeconds&Attribute.1.Value=5\
                          &Tag.1.Key=team&Tag.1.Value=blue";
        let made = call(&bed, "CreateQueue", parameters).await;
        let url = find(&made, "CreateQueueResult/QueueUrl").to_owned();
        let at = |rest: &str| format!("QueueUrl={url}&{rest}");
        let found = call(&bed, "GetQueueUrl", "QueueName=jobs").await;
        assert_eq!(find(&found, "GetQueueUrlResult/QueueUrl"), url);
        let names = at("AttributeName.1=DelaySeconds&AttributeName.2=VisibilityTimeout");
        let told = call(&bed, "GetQueueAttributes", &names).await;
        assert_eq!(find(&told, "GetQueueAttributesResult/Attribute/Name"), "DelaySeconds");
        assert_eq!(find(&told, "GetQueueAttributesResult/Attribute/Value"), "5");
        let change = at("Attribute.1.Name=DelaySeconds&Attribute.1.Value=0");
        call(&bed, "SetQueueAttributes", &change).await;
        let listed = call(&bed, "ListQueues", "QueueNamePrefix=j").await;
        assert_eq!(find(&listed, "ListQueuesResult/QueueUrl"), url);
        call(&bed, "TagQueue", &at("Tag.1.Key=stage&Tag.1.Value=test")).await;
        call(&bed, "UntagQueue", &at("TagKey.1=team")).await;
        let tags = call(&bed, "ListQueueTags", &at("")).await;
        assert_eq!(find(&tags, "ListQueueTagsResult/Tag/Key"), "stage");
        let permission = at("Label=one&AWSAccountId.1=000000000000&ActionName.1=SendMessage");
        call(&bed, "AddPermission", &permission).await;
        call(&bed, "RemovePermission", &at("Label=one")).await;
        call(&bed, "ListDeadLetterSourceQueues", &at("")).await;
        call(&bed, "PurgeQueue", &at("")).await;
        call(&bed, "DeleteQueue", &at("")).await;
    })
    .await;
}

#[tokio::test]
async fn messages_are_sent_received_and_settled() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        let at = |rest: &str| format!("QueueUrl={url}&{rest}");
        let message = at("MessageBody=<one>&MessageAttribute.1.Name=n\
                          &MessageAttribute.1.Value.DataType=Number\
                          &MessageAttribute.1.Value.StringValue=1");
        let sent = call(&bed, "SendMessage", &message).await;
        let id = find(&sent, "SendMessageResult/MessageId");
        let wanted = at("AttributeName.1=All&MessageAttributeName.1=All&MaxNumberOfMessages=10");
        let received = call(&bed, "ReceiveMessage", &wanted).await;
        let part = |name: &str| find(&received, &format!("ReceiveMessageResult/Message/{name}"));
        assert_eq!((part("MessageId"), part("MessageAttribute/Value/StringValue")), (id, "1"));
        assert_eq!(part("Body"), "<one>");
        let settle = format!("ReceiptHandle={}&VisibilityTimeout=60", part("ReceiptHandle"));
        call(&bed, "ChangeMessageVisibility", &at(&settle)).await;
        let settle = format!("ReceiptHandle={}", part("ReceiptHandle"));
        call(&bed, "DeleteMessage", &at(&settle)).await;
    })
    .await;
}

#[tokio::test]
async fn batches_tell_what_was_done_and_what_failed() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        let at = |rest: &str| format!("QueueUrl={url}&{rest}");
        let entry = |operation: &str, n: usize, rest: &str| {
            format!("{operation}RequestEntry.{n}.Id=e{n}&{operation}RequestEntry.{n}.{rest}")
        };
        let entries = [
            entry("SendMessageBatch", 1, "MessageBody=a"),
            entry("SendMessageBatch", 2, "MessageBody=\u{1}"),
        ];
        let sent = call(&bed, "SendMessageBatch", &at(&entries.join("&"))).await;
        let part = |texts: &[(String, String)], path: &str| find(texts, path).to_owned();
        let done = "SendMessageBatchResult/SendMessageBatchResultEntry/Id";
        assert_eq!(part(&sent, done), "e1");
        let failed = "SendMessageBatchResult/BatchResultErrorEntry";
        assert_eq!(part(&sent, &format!("{failed}/Id")), "e2");
        assert_eq!(part(&sent, &format!("{failed}/Code")), "InvalidMessageContents");
        assert_eq!(part(&sent, &format!("{failed}/SenderFault")), "true");
        let received = call(&bed, "ReceiveMessage", &at("")).await;
        let handle = part(&received, "ReceiveMessageResult/Message/ReceiptHandle");
        for operation in ["ChangeMessageVisibilityBatch", "DeleteMessageBatch"] {
            let entry = entry(operation, 1, &format!("ReceiptHandle={handle}"));
            let done = call(&bed, operation, &at(&entry)).await;
            let path = format!("{operation}Result/{operation}ResultEntry/Id");
            assert_eq!(part(&done, &path), "e1");
            if operation.starts_with("Change") {
                // It is visible again: a new handle.
                let received = call(&bed, "ReceiveMessage", &at("")).await;
                let again = part(&received, "ReceiveMessageResult/Message/ReceiptHandle");
                assert_ne!(again, handle);
            }
        }
    })
    .await;
}

/// Older SDKs send requests to the queue's own URL.
#[tokio::test]
async fn the_path_of_a_request_names_its_queue() {
    on_memory(queues, async |bed| {
        create(&bed, "jobs", json!({})).await;
        let request = http::Request::post("/000000000000/jobs")
            .header("content-type", "application/x-www-form-urlencoded");
        let body = "Action=SendMessage&Version=2012-11-05&MessageBody=hello";
        let reply = bed.root().send("sqs", request, body.into()).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let texts = texts(&reply.text());
        let md5 = find(&texts, "SendMessageResult/MD5OfMessageBody");
        assert_eq!(md5, "5d41402abc4b2a76b9719d911017c592");
    })
    .await;
}
