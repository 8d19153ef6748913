//! The lists of a bucket's objects and of their versions.

use super::{
    Bucket, Version,
    listing::{Page, Query, Read},
};
use crate::keys;
use kv::{Key, Transaction};

/// A page of the objects whose current version is no delete marker. `within` goes on behind a key
/// in the midst of a common prefix.
pub(crate) async fn list_current(
    tx: &mut Transaction,
    bucket: &Bucket,
    query: &Query<'_>,
    within: Option<&str>,
) -> Result<Page<Version>, kv::Error> {
    let store = &bucket.store;
    let mut range = keys::versions_with(store, query.prefix);
    if let Some(after) = query.after.max(within) {
        range.start = range.start.max(keys::versions(store, after).end);
    }
    let end_of = |prefix: &str| keys::versions_with(store, prefix).end;
    query
        .page(tx, range, end_of, |entry| {
            let (key, place) = keys::read_version(store, &entry.key)?;
            let until = keys::versions(store, &key).end;
            if place != keys::CURRENT {
                return Ok(Read::Pass { key, until });
            }
            let version: Version = kv::decode_record(&entry.value)?;
            match version.object {
                Some(_) => Ok(Read::Item(key, version)),
                None => Ok(Read::Pass { key, until }),
            }
        })
        .await
}

/// A page of all versions and delete markers, each with whether it is the current one. It begins
/// behind the place `from`, if one is given.
pub(crate) async fn list_versions(
    tx: &mut Transaction,
    bucket: &Bucket,
    query: &Query<'_>,
    from: Option<Key>,
) -> Result<Page<(bool, Version)>, kv::Error> {
    let store = &bucket.store;
    let mut range = keys::versions_with(store, query.prefix);
    if let Some(from) = from {
        range.start = range.start.max(from);
    }
    let end_of = |prefix: &str| keys::versions_with(store, prefix).end;
    query
        .page(tx, range, end_of, |entry| {
            let (key, place) = keys::read_version(store, &entry.key)?;
            Ok(Read::Item(key, (place == keys::CURRENT, kv::decode_record(&entry.value)?)))
        })
        .await
}
