//! How deliveries enter a queue, and how event source mappings read one.

use crate::common::{arn, bodies, counts, create, queues, receive, receive_with, send};
use clock::Clock;
use kv::Transaction;
use serde_json::{Value, json};
use service::{
    Batch, Caller, Fault, Refusal, Source, Transact, delivery,
    delivery::{Delivery, GiveUp},
    transact,
};
use std::{sync::Arc, time::Duration};
use testkit::{Bed, on_every_engine, on_memory};
use types::{Arn, RequestId, Timestamp};

fn delivery_to(name: &str, id: u8, payload: &str, state: Value) -> Delivery {
    Delivery {
        id: RequestId::from_random([id; 16]),
        target: arn(name).parse().expect("an ARN"),
        payload: payload.to_owned(),
        principal: "sns.amazonaws.com".to_owned(),
        source: Some("arn:aws:sns:eu-central-1:000000000000:news".parse().expect("an ARN")),
        created: types::Timestamp::from_secs(1),
        attempts: 0,
        state,
        trace: None,
        give_up: GiveUp::default(),
    }
}

/// Applies a delivery as the router does. The answer is the code of a refusal.
struct Apply<'a>(&'a Bed, &'a Delivery);

impl Transact for Apply<'_> {
    type Output = Option<String>;

    async fn run(&self, tx: &mut Transaction) -> Result<Option<String>, Fault> {
        let Self(bed, delivery) = self;
        let target = bed.platform.target("sqs").expect("a target");
        let now = bed.clock.now();
        match delivery::apply(&bed.platform, target.as_ref(), tx, delivery, now).await {
            Ok(()) => Ok(None),
            Err(Refusal::Refused { code, .. }) => Ok(Some(code)),
            Err(Refusal::Store(error)) => Err(error.into()),
        }
    }
}

async fn apply(bed: &Bed, delivery: Delivery) -> Option<String> {
    transact(&bed.platform.store, &Apply(bed, &delivery)).await.expect("a transaction")
}

#[tokio::test]
async fn a_delivery_enters_where_the_policy_lets_its_source() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        let news = |id| delivery_to("jobs", id, "news", Value::Null);
        assert_eq!(apply(&bed, news(1)).await.as_deref(), Some("AccessDeniedException"));
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn("jobs"),
            "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:eu-central-1:000000000000:news"}},
        }]});
        let attributes = json!({"Policy": policy.to_string()});
        let input = json!({"QueueUrl": url, "Attributes": attributes});
        bed.ok("sqs", "SetQueueAttributes", input).await;
        assert_eq!(apply(&bed, news(1)).await, None);
        let mut other = news(2);
        other.source = Some("arn:aws:sns:eu-central-1:000000000000:else".parse().unwrap());
        assert_eq!(apply(&bed, other).await.as_deref(), Some("AccessDeniedException"));
        let attributes = json!({"kind": {"DataType": "String", "StringValue": "x"}});
        assert_eq!(apply(&bed, delivery_to("jobs", 3, "typed", attributes)).await, None);
        let messages = receive_with(&bed, &url, json!({"MessageAttributeNames": ["All"]})).await;
        assert_eq!(bodies(&messages), ["news", "typed"]);
        let typed = messages.iter().find(|m| m["Body"] == "typed").expect("a message");
        assert_eq!(typed["MessageAttributes"]["kind"]["StringValue"], "x");
        assert_eq!(counts(&bed, &url).await, [0, 2, 0]);
    })
    .await;
}

#[tokio::test]
async fn what_a_queue_does_not_take_is_refused_with_its_code() {
    on_memory(queues, async |bed| {
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}]});
        let attributes = json!({"Policy": policy.to_string(), "MaximumMessageSize": "1024"});
        create(&bed, "jobs", attributes).await;
        let cases = [
            (delivery_to("none", 1, "x", Value::Null), "QueueDoesNotExist"),
            (delivery_to("jobs", 2, &"x".repeat(1_025), Value::Null), "InvalidParameterValue"),
            (delivery_to("jobs", 3, "x", json!({"kind": 5})), "InvalidParameterValue"),
            (delivery_to("jobs", 4, "\u{1}", Value::Null), "InvalidMessageContents"),
        ];
        for (delivery, code) in cases {
            assert_eq!(apply(&bed, delivery).await.as_deref(), Some(code));
        }
    })
    .await;
}

struct Read<'a> {
    bed: &'a Bed,
    caller: &'a Caller,
}

fn source(bed: &Bed) -> Arc<dyn Source> {
    bed.platform.source("sqs").expect("a source").clone()
}

fn jobs_arn() -> Arn {
    arn("jobs").parse().expect("an ARN")
}

impl Transact for Read<'_> {
    type Output = Batch;

    async fn run(&self, tx: &mut Transaction) -> Result<Batch, Fault> {
        let now = self.bed.clock.now();
        let (source, arn) = (source(self.bed), jobs_arn());
        let wanted = service::Wanted { limit: 10, one_group: false };
        source.receive(tx, self.caller, &arn, wanted, now).await
    }
}

struct Settle<'a>(&'a Bed, &'a Caller, Vec<String>);

impl Transact for Settle<'_> {
    type Output = ();

    async fn run(&self, tx: &mut Transaction) -> Result<(), Fault> {
        let Self(bed, caller, done) = self;
        source(bed).settle(tx, caller, &jobs_arn(), done, &[], bed.clock.now()).await
    }
}

#[tokio::test]
async fn a_mapping_reads_records_and_deletes_what_is_done() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        let input = json!({
            "QueueUrl": url,
            "MessageBody": "good",
            "MessageAttributes": {"n": {"DataType": "Number", "StringValue": "1"}},
        });
        let sent = bed.ok("sqs", "SendMessage", input).await;
        send(&bed, &url, "bad").await;
        let root = Caller::root(bed.platform.account.clone());
        let store = &bed.platform.store;
        let read = Read { bed: &bed, caller: &root };
        let batch = transact(store, &read).await.expect("a batch");
        let good = batch.records.iter().find(|r| r.event["body"] == "good").expect("a record");
        let expected = json!({
            "messageId": sent["MessageId"],
            "receiptHandle": good.handle,
            "body": "good",
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1800000000000",
                "SenderId": testkit::ACCOUNT,
                "ApproximateFirstReceiveTimestamp": "1800000000000",
            },
            "messageAttributes": {"n": {
                "stringValue": "1",
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": "Number",
            }},
            "md5OfBody": "755f85c2723bb39381c7379a604160d8",
            "md5OfMessageAttributes": sent["MD5OfMessageAttributes"],
            "eventSource": "aws:sqs",
            "eventSourceARN": arn("jobs"),
            "awsRegion": testkit::REGION,
        });
        assert_eq!(good.event, expected);
        assert_eq!(Some(good.id.as_str()), sent["MessageId"].as_str());
        let done = vec![good.handle.clone()];
        transact(store, &Settle(&bed, &root, done)).await.expect("a settlement");
        let empty = transact(store, &read).await.expect("a batch");
        assert!(empty.records.is_empty());
        assert_eq!(empty.next, Some(bed.clock.now() + Duration::from_secs(30)));
        bed.advance(Duration::from_secs(30));
        assert_eq!(bodies(&receive(&bed, &url).await), ["bad"]);
    })
    .await;
}

struct Hold<'a>(&'a Bed, &'a Caller, Vec<String>, Timestamp);

impl Transact for Hold<'_> {
    type Output = ();

    async fn run(&self, tx: &mut Transaction) -> Result<(), Fault> {
        let Self(bed, caller, held, until) = self;
        source(bed).hold(tx, caller, &jobs_arn(), held, *until, bed.clock.now()).await
    }
}

#[tokio::test]
async fn patterns_see_the_members_of_a_body_that_is_json() {
    on_memory(queues, async |bed| {
        let seen = |body: &str| source(&bed).for_patterns(&json!({ "body": body }))["body"].clone();
        assert_eq!(seen(r#"{"a": 1}"#), json!({"a": 1}));
        assert_eq!(seen("[1]"), json!([1]));
        for plain in ["text", "1", "{a", "\"quoted\""] {
            assert_eq!(seen(plain), json!(plain));
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_mapping_holds_stays_hidden_for_longer_and_never_for_less() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        send(&bed, &url, "slow").await;
        let root = Caller::root(bed.platform.account.clone());
        let store = &bed.platform.store;
        let read = Read { bed: &bed, caller: &root };
        let batch = transact(store, &read).await.expect("a batch");
        let handle = batch.records[0].handle.clone();
        for seconds in [45, 10] {
            let until = bed.clock.now() + Duration::from_secs(seconds);
            let hold = Hold(&bed, &root, vec![handle.clone()], until);
            transact(store, &hold).await.expect("it is held");
        }
        bed.advance(Duration::from_secs(44));
        assert!(bodies(&receive(&bed, &url).await).is_empty());
        bed.advance(Duration::from_secs(1));
        assert_eq!(bodies(&receive(&bed, &url).await), ["slow"]);
        // Another has it now: the old handle holds nothing.
        let late = Hold(&bed, &root, vec![handle], bed.clock.now() + Duration::from_secs(600));
        transact(store, &late).await.expect("nothing to hold");
        bed.advance(Duration::from_secs(30));
        assert_eq!(bodies(&receive(&bed, &url).await), ["slow"]);
    })
    .await;
}

#[tokio::test]
async fn a_mapping_reads_only_what_its_role_may() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        send(&bed, &url, "x").await;
        let nobody = Caller::service("lambda.amazonaws.com", bed.platform.account.clone(), None);
        let read = Read { bed: &bed, caller: &nobody };
        let Err(fault) = transact(&bed.platform.store, &read).await else { panic!("it may read") };
        assert_eq!(fault.code(), "AccessDeniedException");
        assert_eq!(counts(&bed, &url).await, [1, 0, 0]);
    })
    .await;
}
