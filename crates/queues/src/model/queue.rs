//! The queue's own record.

use super::Encryption;
use crate::{
    Error, config,
    keys::{self, Id, StoreId},
};
use kv::{Record, Scan, Transaction};
use policy::{Document, DocumentKind};
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Permission};
use std::sync::Arc;
use types::{AccountId, Arn, Region, Tags, Timestamp};

/// A queue's name: 1 to 80 letters, digits, hyphens and underscores; of a FIFO queue, with `.fifo`
/// at its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Name(String);

impl Name {
    /// Reads a name.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let stem = text.strip_suffix(keys::FIFO_SUFFIX).unwrap_or(text);
        if !is_simple(stem) || text.len() > config::QUEUE_NAME_CHARS {
            return Err(Error::InvalidQueueName);
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether it is the name of a FIFO queue.
    pub(crate) fn is_fifo(&self) -> bool {
        self.0.ends_with(keys::FIFO_SUFFIX)
    }

    /// The name in a queue URL, of any host, or in the path of one: `.../account/name`.
    pub(crate) fn of_url(url: &str, account: &AccountId) -> Result<Self, Error> {
        let path = match url.split_once("://") {
            Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
            None => url.trim_start_matches('/'),
        };
        let parts = path.trim_end_matches('/').rsplit_once('/');
        let (owner, name) = parts.ok_or_else(|| Error::InvalidAddress(url.to_owned()))?;
        if owner.rsplit('/').next() != Some(account.as_str()) {
            return Err(Error::QueueDoesNotExist);
        }
        Self::parse(name).map_err(|_| Error::QueueDoesNotExist)
    }

    /// The name in a queue's ARN.
    pub(crate) fn of_arn(arn: &Arn) -> Result<Self, Error> {
        Self::parse(arn.resource()).map_err(|_| Error::QueueDoesNotExist)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The queue's ARN for the caller's account and region.
    pub(crate) fn arn(&self, ctx: &Context) -> Arn {
        ctx.arn("sqs", &self.0)
    }

    /// The queue's URL.
    pub(crate) fn url(&self, ctx: &Context) -> String {
        format!("{}/{}/{}", ctx.platform.public_url, ctx.account(), self.0)
    }
}

/// 1 to 80 letters, digits, hyphens and underscores.
pub(crate) fn is_simple(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=config::QUEUE_NAME_CHARS).contains(&text.len()) && text.chars().all(allowed)
}

/// Where messages go that were received too often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Redrive {
    /// The dead-letter queue.
    pub(crate) target: Arn,
    /// Receives before a message goes there.
    pub(crate) max_receive_count: u32,
}

/// The settings of a FIFO queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fifo {
    /// `ContentBasedDeduplication`.
    pub(crate) content_based: bool,
    /// `DeduplicationScope` is `messageGroup`, not `queue`.
    pub(crate) scope_is_group: bool,
    /// `FifoThroughputLimit` is `perMessageGroupId`, not `perQueue`. Neither limits anything here.
    pub(crate) limit_is_per_group: bool,
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Queue {
    pub(crate) name: Name,
    /// Tells it from earlier and later queues of the name; in its receipt handles.
    pub(crate) id: Id,
    /// Under which id its messages lie. A purge gives a new one.
    pub(crate) store: StoreId,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) purged: Option<Timestamp>,
    pub(crate) delay_seconds: u32,
    pub(crate) maximum_message_size: u32,
    pub(crate) retention_seconds: u32,
    pub(crate) wait_seconds: u32,
    pub(crate) visibility_seconds: u32,
    pub(crate) redrive: Option<Redrive>,
    pub(crate) redrive_allow: Option<String>,
    pub(crate) policy: Option<String>,
    /// Queues of the first builds have none.
    #[serde(default)]
    pub(crate) encryption: Encryption,
    /// What only FIFO queues have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fifo: Option<Fifo>,
    pub(crate) tags: Tags,
}

impl Record for Queue {
    const VERSION: u8 = 1;
}

impl Queue {
    /// A queue with default attributes.
    pub(crate) fn new(ctx: &Context, name: Name) -> Self {
        let now = ctx.now;
        let store = StoreId {
            account: ctx.account().clone(),
            region: ctx.region.clone(),
            name: name.as_str().to_owned(),
            id: ctx.ids().bytes(),
        };
        Self {
            fifo: name.is_fifo().then(Fifo::default),
            name,
            id: ctx.ids().bytes(),
            store,
            created: now,
            modified: now,
            purged: None,
            delay_seconds: 0,
            maximum_message_size: config::MESSAGE_BYTES as u32,
            retention_seconds: config::DEFAULT_RETENTION_SECONDS,
            wait_seconds: 0,
            visibility_seconds: config::DEFAULT_VISIBILITY_SECONDS,
            redrive: None,
            redrive_allow: None,
            policy: None,
            encryption: Encryption::Managed,
            tags: Tags::new(),
        }
    }

    /// The queue's ARN.
    pub(crate) fn arn(&self) -> Arn {
        let StoreId { account, region, name, .. } = &self.store;
        Arn::new("sqs", region, account, name)
    }

    /// The permission for one action on it, with its own policy.
    pub(crate) fn permission(&self, action: &'static str) -> Result<Permission, Fault> {
        let policy = self.policy.as_deref();
        let document = policy.map(|text| Document::parse(text, DocumentKind::Resource)).transpose();
        let document = document
            .map_err(|error| Fault::internal(format!("a stored policy is bad: {error}")))?;
        Ok(Permission::new(action, self.arn().as_str()).with_policy(document.map(Arc::new)))
    }
}

/// The document in the attribute `RedriveAllowPolicy`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RedriveAllow {
    pub(crate) redrive_permission: String,
    #[serde(default)]
    pub(crate) source_queue_arns: Vec<String>,
}

/// The queue of a name.
pub(crate) async fn find(
    tx: &mut Transaction,
    account: &AccountId,
    region: &Region,
    name: &Name,
) -> Result<Option<Queue>, kv::Error> {
    tx.get_record(&keys::queue(account, region, name.as_str())).await
}

/// The queue of a URL in the caller's account and region.
pub(crate) async fn at_url(ctx: &Context, tx: &mut Transaction, url: &str) -> Result<Queue, Error> {
    let name = Name::of_url(url, ctx.account())?;
    let queue = find(tx, ctx.account(), &ctx.region, &name).await?;
    queue.ok_or(Error::QueueDoesNotExist)
}

/// Writes a queue.
pub(crate) fn save(ctx: &Context, tx: &mut Transaction, queue: &Queue) -> Result<(), kv::Error> {
    tx.put_record(keys::queue(ctx.account(), &ctx.region, queue.name.as_str()), queue)
}

/// Queues whose names begin with `prefix` and come after `after`, in the order of the names.
pub(crate) async fn list(
    ctx: &Context,
    tx: &mut Transaction,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Queue>, kv::Error> {
    let mut range = keys::queues(ctx.account(), &ctx.region, prefix);
    if let Some(after) = after {
        range = range.after(&keys::queue(ctx.account(), &ctx.region, after));
    }
    let entries = tx.scan(&range, Scan::first(limit).snapshot()).await?;
    entries.iter().map(|entry| kv::decode_record(&entry.value)).collect()
}

/// The permission that one action on one queue needs, with the queue's own policy.
pub(crate) async fn permission(
    ctx: &Context,
    tx: &mut Transaction,
    url: &str,
    action: &'static str,
) -> Result<Vec<Permission>, Fault> {
    let name = Name::of_url(url, ctx.account())?;
    let queue = find(tx, ctx.account(), &ctx.region, &name).await?;
    Ok(vec![match queue {
        Some(queue) => queue.permission(action)?,
        None => Permission::new(action, name.arn(ctx).as_str()),
    }])
}
