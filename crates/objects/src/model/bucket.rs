//! The bucket's own record.

use super::{BucketLock, PublicAccess, Version, is_public};
use crate::{
    Error, config,
    keys::{self, StoreId},
    settings,
};
use kv::{Record, Scan, Transaction};
use policy::{Document, DocumentKind, Principal};
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Permission, Platform};
use std::sync::Arc;
use types::Timestamp;

/// A bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens ("General purpose bucket
/// naming rules").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct BucketName(String);

const RESERVED_STARTS: [&str; 4] = ["xn--", "sthree-", "amzn-s3-demo-", "-"];
const RESERVED_ENDS: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

impl BucketName {
    /// Reads the name of a bucket that is to be made.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c);
        let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let good = config::BUCKET_NAME_CHARS.contains(&text.len())
            && text.chars().all(allowed)
            && ends(text.chars().next())
            && ends(text.chars().next_back())
            && !text.contains("..")
            && text.parse::<std::net::Ipv4Addr>().is_err()
            && !RESERVED_STARTS.iter().any(|start| text.starts_with(start))
            && !RESERVED_ENDS.iter().any(|end| text.ends_with(end));
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::InvalidBucketName(text.to_owned()))
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a bucket keeps old versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) enum Versioning {
    /// It never did.
    #[default]
    Off,
    /// Every write makes a version.
    Enabled,
    /// It did; writes go to the null version.
    Suspended,
}

/// A bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bucket {
    /// Under what everything in it lies; its name is in it.
    pub(crate) store: StoreId,
    pub(crate) created: Timestamp,
    #[serde(default)]
    pub(crate) versioning: Versioning,
    /// The bucket policy, as it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<String>,
    /// Whether and how it locks its objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lock: Option<BucketLock>,
}

impl Record for Bucket {
    const VERSION: u8 = 1;
}

impl Bucket {
    /// An empty bucket.
    pub(crate) fn new(ctx: &Context, name: &BucketName) -> Self {
        let store = StoreId {
            account: ctx.account().clone(),
            region: ctx.region.clone(),
            name: name.as_str().to_owned(),
            id: ctx.ids().bytes(),
        };
        Self { store, created: ctx.now, versioning: Versioning::Off, policy: None, lock: None }
    }

    pub(crate) fn name(&self) -> &str {
        &self.store.name
    }

    /// The bucket's ARN.
    pub(crate) fn arn(&self) -> String {
        arn(self.name())
    }

    /// The id of a version as replies tell it: not of buckets that never had versions.
    pub(crate) fn shown(&self, version: &Version) -> Option<String> {
        (self.versioning != Versioning::Off).then(|| version.id.to_string())
    }

    fn document(&self) -> Result<Option<Arc<Document>>, Fault> {
        let policy = self.policy.as_deref();
        let document = policy.map(|text| Document::parse(text, DocumentKind::Resource)).transpose();
        let document = document
            .map_err(|error| Fault::internal(format!("a stored policy is bad: {error}")))?;
        Ok(document.map(Arc::new))
    }
}

fn arn(name: &str) -> String {
    format!("arn:aws:s3:::{name}")
}

/// Whether the bucket's policy counts for the caller. One that opens the bucket to everyone does
/// not for those from outside, while the bucket restricts that.
async fn counts(ctx: &Context, tx: &mut Transaction, bucket: &Bucket) -> Result<bool, Fault> {
    let policy = match &bucket.policy {
        Some(policy) if ctx.caller.principal == Principal::Anonymous => policy,
        _ => return Ok(true),
    };
    let access = settings::find::<PublicAccess>(tx, bucket).await?.unwrap_or_default();
    let is_restricted = access.block.is_some_and(|block| block.restrict_public_buckets);
    Ok(!(is_restricted && is_public(policy)))
}

/// What permissions on one bucket and its objects are made from: its name, and its policy if it is
/// there.
pub(crate) struct Access {
    arn: String,
    policy: Option<Arc<Document>>,
}

impl Access {
    /// Of a bucket that may not exist: then only identity policies decide.
    pub(crate) async fn to(ctx: &Context, tx: &mut Transaction, name: &str) -> Result<Self, Fault> {
        let policy = match find(ctx, tx, name).await? {
            Some(bucket) if counts(ctx, tx, &bucket).await? => bucket.document()?,
            _ => None,
        };
        Ok(Self { arn: arn(name), policy })
    }

    /// An action on the bucket itself.
    pub(crate) fn bucket(&self, action: &'static str) -> Permission {
        Permission::new(action, self.arn.as_str()).with_policy(self.policy.clone())
    }

    /// An action on one of its objects.
    pub(crate) fn object(&self, action: &'static str, key: &str) -> Permission {
        Permission::new(action, format!("{}/{key}", self.arn)).with_policy(self.policy.clone())
    }

    /// The deletion of an object, or of one version of it.
    pub(crate) fn deletion(&self, key: &str, version: Option<&str>) -> Permission {
        match version {
            None => self.object("s3:DeleteObject", key),
            Some(id) => {
                self.object("s3:DeleteObjectVersion", key).with_condition("s3:VersionId", id)
            }
        }
    }

    /// A list of the bucket.
    pub(crate) fn list(
        &self,
        action: &'static str,
        prefix: &str,
        delimiter: Option<&str>,
        max_keys: Option<i64>,
    ) -> Permission {
        let mut list = self.bucket(action).with_condition("s3:prefix", prefix);
        if let Some(delimiter) = delimiter {
            list = list.with_condition("s3:delimiter", delimiter);
        }
        if let Some(max_keys) = max_keys {
            list = list.with_condition("s3:max-keys", max_keys.to_string());
        }
        list
    }
}

/// The bucket of a name.
pub(crate) async fn find(
    ctx: &Context,
    tx: &mut Transaction,
    name: &str,
) -> Result<Option<Bucket>, kv::Error> {
    if !config::BUCKET_NAME_CHARS.contains(&name.len()) {
        return Ok(None);
    }
    tx.get_record(&keys::bucket(ctx.account(), &ctx.region, name)).await
}

/// The bucket of a name, where no request asks for it.
pub(crate) async fn named(
    platform: &Platform,
    tx: &mut Transaction,
    name: &str,
) -> Result<Option<Bucket>, kv::Error> {
    if !config::BUCKET_NAME_CHARS.contains(&name.len()) {
        return Ok(None);
    }
    tx.get_record(&keys::bucket(&platform.account, &platform.region, name)).await
}

/// The bucket of a name, which belongs to the account `owner` if one is expected.
pub(crate) async fn at(
    ctx: &Context,
    tx: &mut Transaction,
    name: &str,
    owner: Option<&str>,
) -> Result<Bucket, Error> {
    let bucket = find(ctx, tx, name).await?;
    let bucket = bucket.ok_or_else(|| Error::NoSuchBucket(name.to_owned()))?;
    match owner {
        Some(owner) if owner != bucket.store.account.as_str() => Err(Error::AccessDenied),
        _ => Ok(bucket),
    }
}

/// Writes a bucket.
pub(crate) fn save(tx: &mut Transaction, bucket: &Bucket) -> Result<(), kv::Error> {
    let StoreId { account, region, name, .. } = &bucket.store;
    tx.put_record(keys::bucket(account, region, name), bucket)
}

/// Removes a bucket's record; what it leaves is a job's.
pub(crate) fn delete(tx: &mut Transaction, bucket: &Bucket) -> Result<(), kv::Error> {
    let StoreId { account, region, name, .. } = &bucket.store;
    tx.delete(keys::bucket(account, region, name))
}

/// Whether it holds no version of any object, delete markers included; tracked.
pub(crate) async fn is_empty(tx: &mut Transaction, bucket: &Bucket) -> Result<bool, kv::Error> {
    let first = tx.scan(&keys::all_versions(&bucket.store), Scan::first(1)).await?;
    Ok(first.is_empty())
}

/// Buckets whose names begin with `prefix` and come after `after`, in the order of the names.
pub(crate) async fn list(
    ctx: &Context,
    tx: &mut Transaction,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Bucket>, kv::Error> {
    let mut range = keys::buckets(ctx.account(), &ctx.region, prefix);
    if let Some(after) = after {
        range = range.after(&keys::bucket(ctx.account(), &ctx.region, after));
    }
    let entries = tx.scan(&range, Scan::first(limit).snapshot()).await?;
    entries.iter().map(|entry| kv::decode_record(&entry.value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_official_rules() {
        for good in ["abc", "my-bucket.1", "0-a", &"a".repeat(63)] {
            assert!(BucketName::parse(good).is_ok(), "{good}");
        }
        let long = "a".repeat(64);
        let bad =
            ["ab", "A-b", "a_b", "-ab", "ab-", "a..b", "192.168.1.1", "xn--abc", &long, "aé1"];
        for bad in bad.iter().chain(&["b-s3alias"]) {
            assert!(matches!(BucketName::parse(bad), Err(Error::InvalidBucketName(_))), "{bad}");
        }
    }
}
