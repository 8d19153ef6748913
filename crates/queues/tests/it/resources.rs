//! The CloudFormation resource types.

use crate::common::{arn, attributes, create, queues};
use serde_json::{Map, Value, json};
use service::{Caller, Desired, Fault, Resource, ResourceContext, ResourceProvider};
use std::sync::Arc;
use testkit::{Bed, on_every_engine, on_memory};

fn provider(bed: &Bed, kind: &str) -> Arc<dyn ResourceProvider> {
    let providers = queues(&bed.platform).remove(0).resources;
    let mut found = providers.into_iter().filter(|provider| provider.resource_type() == kind);
    found.next().expect("a provider")
}

fn context(bed: &Bed, stack: &str) -> ResourceContext {
    let account = bed.platform.account.clone();
    ResourceContext {
        caller: Caller::root(account.clone()),
        calls: bed.platform.calls().expect("a connected platform").clone(),
        account,
        region: bed.platform.region.clone(),
        stack_id: format!("arn:aws:cloudformation:eu-central-1:000000000000:stack/{stack}/1"),
        stack_name: stack.to_owned(),
        logical_id: "Jobs".to_owned(),
        stack_tags: [("team".to_owned(), "blue".to_owned())].into(),
        step: service::Step::default(),
    }
}

fn map(value: &Value) -> &Map<String, Value> {
    value.as_object().expect("an object")
}

async fn make(bed: &Bed, stack: &str, kind: &str, properties: &Value) -> Result<Resource, Fault> {
    let desired = Desired { properties: map(properties), generated_name: "stack-Jobs-1A2B" };
    provider(bed, kind).create(&context(bed, stack), desired).await
}

/// The tags that are not the stack's own.
async fn tags(bed: &Bed, url: &str) -> Value {
    let mut tags = bed.ok("sqs", "ListQueueTags", json!({"QueueUrl": url})).await["Tags"].take();
    tags.as_object_mut().expect("tags").retain(|key, _| !key.starts_with("aws:"));
    tags
}

const QUEUE: &str = "AWS::SQS::Queue";
const POLICY: &str = "AWS::SQS::QueuePolicy";

#[tokio::test]
async fn a_queue_is_created_changed_and_deleted_however_often_a_step_runs() {
    on_every_engine(queues, async |bed| {
        create(&bed, "dead", json!({})).await;
        let before = json!({
            "VisibilityTimeout": 60,
            "DelaySeconds": "5",
            "RedrivePolicy": {"deadLetterTargetArn": arn("dead"), "maxReceiveCount": 3},
            "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
        });
        let after = json!({"VisibilityTimeout": 61, "Tags": [{"Key": "b", "Value": "3"}]});
        let names = ["VisibilityTimeout", "DelaySeconds", "RedrivePolicy"];
        let cx = context(&bed, "one");
        let provider = provider(&bed, QUEUE);
        let url = format!("{}/000000000000/stack-Jobs-1A2B", testkit::PUBLIC_URL);
        for _ in 0..2 {
            let resource = make(&bed, "one", QUEUE, &before).await.expect("a queue");
            assert_eq!(resource.physical_id, url);
            assert_eq!(resource.attributes["Arn"], arn("stack-Jobs-1A2B"));
            assert_eq!(resource.attributes["QueueName"], "stack-Jobs-1A2B");
        }
        assert_eq!(attributes(&bed, &url, &names).await["DelaySeconds"], "5");
        assert_eq!(tags(&bed, &url).await, json!({"team": "blue", "a": "1", "b": "2"}));
        for _ in 0..2 {
            let desired = Desired { properties: map(&after), generated_name: "stack-Jobs-1A2B" };
            provider.update(&cx, &url, map(&before), desired).await.expect("an update");
        }
        let expected = json!({"VisibilityTimeout": "61", "DelaySeconds": "0"});
        assert_eq!(attributes(&bed, &url, &names).await, expected);
        assert_eq!(tags(&bed, &url).await, json!({"team": "blue", "b": "3"}));
        for _ in 0..2 {
            provider.delete(&cx, &url, map(&after)).await.expect("a deletion");
        }
        let listed = bed.ok("sqs", "ListQueues", json!({"QueueNamePrefix": "stack"})).await;
        assert_eq!(listed, json!({}));
    })
    .await;
}

#[tokio::test]
async fn a_queue_of_somebody_else_is_not_taken_over() {
    on_memory(queues, async |bed| {
        create(&bed, "mine", json!({})).await;
        let named = json!({"QueueName": "mine"});
        let fault = make(&bed, "one", QUEUE, &named).await.expect_err("it is not the stack's");
        assert_eq!(fault.code(), "AlreadyExistsException");
        let named = json!({"QueueName": "ours"});
        make(&bed, "one", QUEUE, &named).await.expect("a queue");
        let fault = make(&bed, "two", QUEUE, &named).await.expect_err("it is another stack's");
        assert_eq!(fault.code(), "AlreadyExistsException");
    })
    .await;
}

#[tokio::test]
async fn a_fifo_queue_is_made_and_changed() {
    on_memory(queues, async |bed| {
        let provider = provider(&bed, QUEUE);
        for wrong in [json!({"QueueName": "a.fifo"}), json!({"QueueName": "a", "FifoQueue": true})]
        {
            let error = provider.check(map(&wrong)).expect_err("a refusal");
            assert_eq!(error.path, "QueueName");
        }
        let before = json!({"FifoQueue": true, "ContentBasedDeduplication": true});
        assert!(provider.check(map(&before)).is_ok());
        let made = make(&bed, "one", QUEUE, &before).await.expect("a queue");
        assert_eq!(made.attributes["QueueName"], "stack-Jobs-1A2B.fifo");
        let url = made.physical_id;
        let names = ["ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"];
        let found = attributes(&bed, &url, &names).await;
        assert_eq!(found["ContentBasedDeduplication"], "true");
        let after = json!({"FifoQueue": "true", "DeduplicationScope": "messageGroup",
            "FifoThroughputLimit": "perMessageGroupId"});
        let desired = Desired { properties: map(&after), generated_name: "stack-Jobs-1A2B" };
        let cx = context(&bed, "one");
        provider.update(&cx, &url, map(&before), desired).await.expect("an update");
        let expected = json!({"ContentBasedDeduplication": "false",
            "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"});
        assert_eq!(attributes(&bed, &url, &names).await, expected);
        let wrong = json!({"QueueName": "plain", "ContentBasedDeduplication": true});
        let fault = make(&bed, "one", QUEUE, &wrong).await.expect_err("a standard queue");
        assert_eq!(fault.code(), "InvalidAttributeName");
    })
    .await;
}

#[tokio::test]
async fn a_policy_follows_its_queues() {
    on_every_engine(queues, async |bed| {
        let mut urls = Vec::new();
        for name in ["a", "b", "c"] {
            urls.push(create(&bed, name, json!({})).await);
        }
        let document = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}]});
        let has = async |url: &str| attributes(&bed, url, &["Policy"]).await["Policy"].is_string();
        let before = json!({"PolicyDocument": document, "Queues": [urls[0], urls[1]]});
        let after = json!({"PolicyDocument": document, "Queues": [urls[1], urls[2]]});
        let made = make(&bed, "one", POLICY, &before).await.expect("a policy");
        assert!(has(&urls[0]).await && has(&urls[1]).await && !has(&urls[2]).await);
        let cx = context(&bed, "one");
        let provider = provider(&bed, POLICY);
        let desired = Desired { properties: map(&after), generated_name: "another" };
        let updated = provider.update(&cx, &made.physical_id, map(&before), desired).await;
        assert_eq!(updated.expect("an update").physical_id, made.physical_id);
        assert!(!has(&urls[0]).await && has(&urls[1]).await && has(&urls[2]).await);
        bed.ok("sqs", "DeleteQueue", json!({"QueueUrl": urls[1]})).await;
        provider.delete(&cx, &made.physical_id, map(&after)).await.expect("a deletion");
        assert!(!has(&urls[2]).await);
    })
    .await;
}
