//! Events: what happened to an object, told to queues and functions in the transaction that did it
//! ("Event message structure", version 2.1).

use crate::{
    config,
    keys::{self, StoreId},
    model::{
        Action, Bucket, Change, Deleted, Notifications, Owner, Rule, Version, VersionId, Work,
    },
};
use kv::Transaction;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use policy::Principal;
use serde_json::{Value, json};
use service::{
    Context, delivery,
    delivery::{Delivery, GiveUp},
};
use std::sync::atomic::Ordering;
use types::Arn;

/// As whom buckets deliver.
pub(crate) const PRINCIPAL: &str = "s3.amazonaws.com";
/// The name under which a bucket's settings keep its notifications.
const SETTING: &str = "notification";
/// What `x-amz-id-2` says.
const HOST_ID: &str = "pileus";

/// What an event tells of an object.
struct Told<'a> {
    key: &'a str,
    version: Option<String>,
    sequence: u64,
    size: Option<u64>,
    etag: Option<&'a str>,
}

/// The notifications of a bucket.
pub(crate) async fn find(
    tx: &mut Transaction,
    store: &StoreId,
) -> Result<Notifications, kv::Error> {
    Ok(tx.get_record(&keys::setting(store, SETTING)).await?.unwrap_or_default())
}

/// Replaces the notifications of a bucket.
pub(crate) fn save(
    tx: &mut Transaction,
    store: &StoreId,
    notifications: &Notifications,
) -> Result<(), kv::Error> {
    match notifications.rules.is_empty() {
        true => tx.delete(keys::setting(store, SETTING)),
        false => tx.put_record(keys::setting(store, SETTING), notifications),
    }
}

/// What a queue is told when it becomes a target.
pub(crate) fn test_event(ctx: &Context, bucket: &Bucket, target: &Arn) -> Delivery {
    let payload = json!({
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": ctx.now.to_iso8601(),
        "Bucket": bucket.name(),
        "RequestId": ctx.request_id.to_string(),
        "HostId": HOST_ID,
    });
    delivery_to(ctx, bucket, target, &payload)
}

fn delivery_to(ctx: &Context, bucket: &Bucket, target: &Arn, payload: &Value) -> Delivery {
    Delivery {
        id: ctx.ids().uuid(),
        target: target.clone(),
        payload: payload.to_string(),
        principal: PRINCIPAL.to_owned(),
        source: bucket.arn().parse().ok(),
        created: ctx.now,
        attempts: 0,
        state: Value::Null,
        trace: ctx.trace.clone(),
        give_up: GiveUp::default(),
    }
}

impl Work<'_> {
    /// Tells that a version was made, or changed.
    pub(crate) async fn notify_created(
        &self,
        tx: &mut Transaction,
        action: Action,
        key: &str,
        version: &Version,
    ) -> Result<(), kv::Error> {
        let told = Told {
            key,
            version: self.bucket.shown(version),
            sequence: version.sequence,
            size: version.object.as_ref().map(|object| object.size),
            etag: version.object.as_ref().map(|object| object.etag.as_str()),
        };
        self.notify(tx, action, &told).await
    }

    /// Tells what a deletion did; nothing, if it did nothing.
    pub(crate) async fn notify_deleted(
        &self,
        tx: &mut Transaction,
        key: &str,
        deleted: &Deleted,
    ) -> Result<(), kv::Error> {
        self.notify_gone(tx, key, deleted, Action::Delete, Action::DeleteMarkerCreated).await
    }

    /// As [`Work::notify_deleted`], of what the bucket's lifecycle did.
    pub(crate) async fn notify_expired(
        &self,
        tx: &mut Transaction,
        key: &str,
        deleted: &Deleted,
    ) -> Result<(), kv::Error> {
        self.notify_gone(tx, key, deleted, Action::Expire, Action::ExpireToMarker).await
    }

    async fn notify_gone(
        &self,
        tx: &mut Transaction,
        key: &str,
        deleted: &Deleted,
        for_good: Action,
        behind_marker: Action,
    ) -> Result<(), kv::Error> {
        let Some(Change { sequence, marker }) = deleted.change else { return Ok(()) };
        let action = if marker { behind_marker } else { for_good };
        let version = deleted.version.map(|id: VersionId| id.to_string());
        self.notify(tx, action, &Told { key, version, sequence, size: None, etag: None }).await
    }

    async fn notify(
        &self,
        tx: &mut Transaction,
        action: Action,
        told: &Told<'_>,
    ) -> Result<(), kv::Error> {
        if self.notifications.get().is_none() {
            let found = find(tx, &self.bucket.store).await?;
            self.notifications.get_or_init(|| found);
        }
        let rules = self.notifications.get().map_or(&[][..], |found| &found.rules);
        for rule in rules.iter().filter(|rule| rule.wants(action, told.key)) {
            let payload = json!({"Records": [self.record(action, rule, told)]});
            let delivery = delivery_to(self.ctx, self.bucket, &rule.target, &payload);
            self.deliver(tx, &delivery).await?;
        }
        Ok(())
    }

    /// Few go into their queues in this transaction; the rest is the router's.
    async fn deliver(&self, tx: &mut Transaction, delivery: &Delivery) -> Result<(), kv::Error> {
        if self.delivered.fetch_add(1, Ordering::Relaxed) < config::DIRECT_DELIVERIES {
            return self.ctx.deliver(tx, delivery).await;
        }
        let StoreId { account, region, .. } = &self.bucket.store;
        tx.put_record(delivery::key(account, region, self.ctx.now, &delivery.id), delivery)
    }

    fn record(&self, action: Action, rule: &Rule, told: &Told<'_>) -> Value {
        let Self { ctx, bucket, .. } = self;
        let mut object = json!({
            "key": encode(told.key),
            "sequencer": format!("{:018X}", told.sequence),
        });
        if let (Some(size), Some(etag)) = (told.size, told.etag) {
            object["size"] = size.into();
            object["eTag"] = etag.into();
        }
        if let Some(version) = &told.version {
            object["versionId"] = version.as_str().into();
        }
        let source = ctx.caller.source_ip.map_or("127.0.0.1".to_owned(), |ip| ip.to_string());
        json!({
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": bucket.store.region.as_str(),
            "eventTime": ctx.now.to_iso8601(),
            "eventName": action.name(),
            "userIdentity": {"principalId": principal_id(&ctx.caller.principal)},
            "requestParameters": {"sourceIPAddress": source},
            "responseElements": {
                "x-amz-request-id": ctx.request_id.to_string(),
                "x-amz-id-2": HOST_ID,
            },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": rule.id,
                "bucket": {
                    "name": bucket.name(),
                    "ownerIdentity": {"principalId": Owner::of(&bucket.store.account).id()},
                    "arn": bucket.arn(),
                },
                "object": object,
            },
        })
    }
}

/// Who did it, as events name them.
fn principal_id(principal: &Principal) -> String {
    match principal {
        Principal::Root { account } => account.to_string(),
        Principal::User { id, .. } | Principal::Session { id, .. } => format!("AWS:{id}"),
        Principal::Service { name } => name.clone(),
        Principal::Anonymous => "Anonymous".to_owned(),
    }
}

const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/').remove(b' ');

/// A key as events write it: like a form, but with its slashes.
fn encode(key: &str) -> String {
    utf8_percent_encode(key, PLAIN).to_string().replace(' ', "+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_like_in_a_form() {
        assert_eq!(encode("a/red flower+é.jpg"), "a/red+flower%2B%C3%A9.jpg");
    }
}
