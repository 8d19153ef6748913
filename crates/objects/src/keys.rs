//! Where everything lies.
//!
//! | tag | key | value |
//! |---|---|---|
//! | `BUCKET` | account, region, name | [`Bucket`](crate::model::Bucket) |
//! | `SETTING` | store, name | one of the bucket's configurations |
//! | `VERSION` | store, object key, place (u64) | [`Version`](crate::model::Version) |
//! | `NULL` | store, object key | the place of the null version, if it is not the current one |
//! | `BODY` | store, body id | bytes of a small body |
//! | `UPLOAD` | store, object key, upload id | [`Upload`](crate::model::Upload) |
//! | `PART` | store, upload id, number (u64) | [`Part`](crate::model::Part) |
//!
//! `store` is account, region, bucket name and 16 random bytes: a [`StoreId`]. A bucket that is
//! made again has new ones, so that it never meets what an earlier one left.
//!
//! Place 0 is the current version, so that it is read without a scan; the others follow, newest
//! first: a version's place is `u64::MAX` less its sequence. Keys order by the bytes of their
//! UTF-8, as S3's lists do.

use blob::BlobId;
use kv::{Key, KeyBuilder, KeyReader, Range, Tag};
use serde::{Deserialize, Serialize};
use service::tag;
use types::{AccountId, Region};

pub(crate) const BUCKET: Tag = Tag(tag::OBJECTS);
pub(crate) const SETTING: Tag = Tag(tag::OBJECTS + 1);
pub(crate) const VERSION: Tag = Tag(tag::OBJECTS + 2);
pub(crate) const NULL: Tag = Tag(tag::OBJECTS + 3);
pub(crate) const BODY: Tag = Tag(tag::OBJECTS + 4);
pub(crate) const UPLOAD: Tag = Tag(tag::OBJECTS + 5);
pub(crate) const PART: Tag = Tag(tag::OBJECTS + 6);

/// The place of the current version.
pub(crate) const CURRENT: u64 = 0;

/// The place of a version that is not current.
pub(crate) fn place(sequence: u64) -> u64 {
    u64::MAX - sequence
}

/// Under what everything in a bucket lies.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct StoreId {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    /// The bucket's name.
    pub(crate) name: String,
    pub(crate) id: [u8; 16],
}

impl StoreId {
    fn key(&self, tag: Tag) -> KeyBuilder {
        of_account(tag, &self.account, &self.region).str(&self.name).fixed16(&self.id)
    }
}

fn of_account(tag: Tag, account: &AccountId, region: &Region) -> KeyBuilder {
    KeyBuilder::new(tag).str(account.as_str()).str(region.as_str())
}

pub(crate) fn bucket(account: &AccountId, region: &Region, name: &str) -> Key {
    of_account(BUCKET, account, region).str(name).build()
}

/// All buckets whose names begin with `prefix`.
pub(crate) fn buckets(account: &AccountId, region: &Region, prefix: &str) -> Range {
    of_account(BUCKET, account, region).str_prefix(prefix).range()
}

/// One of a bucket's configurations, by its name.
pub(crate) fn setting(store: &StoreId, name: &str) -> Key {
    store.key(SETTING).str(name).build()
}

/// All configurations of a bucket.
pub(crate) fn settings(store: &StoreId) -> Range {
    store.key(SETTING).range()
}

pub(crate) fn version(store: &StoreId, key: &str, place: u64) -> Key {
    store.key(VERSION).str(key).u64(place).build()
}

/// All versions of all objects of a bucket.
pub(crate) fn all_versions(store: &StoreId) -> Range {
    store.key(VERSION).range()
}

/// All versions of the objects whose keys begin with `prefix`.
pub(crate) fn versions_with(store: &StoreId, prefix: &str) -> Range {
    store.key(VERSION).str_prefix(prefix).range()
}

/// All versions of one object.
pub(crate) fn versions(store: &StoreId, key: &str) -> Range {
    store.key(VERSION).str(key).range()
}

/// The versions of one object that are not current, the newest first.
pub(crate) fn noncurrent(store: &StoreId, key: &str) -> Range {
    let all = versions(store, key);
    all.after(&version(store, key, CURRENT))
}

/// Object key and place in a key of the tag `VERSION`.
pub(crate) fn read_version(store: &StoreId, key: &[u8]) -> Result<(String, u64), kv::Error> {
    let mut reader = in_store(store, VERSION, key)?;
    let found = (reader.str()?, reader.u64()?);
    reader.finish()?;
    Ok(found)
}

pub(crate) fn null(store: &StoreId, key: &str) -> Key {
    store.key(NULL).str(key).build()
}

pub(crate) fn body(store: &StoreId, id: &BlobId) -> Key {
    store.key(BODY).fixed16(id.as_bytes()).build()
}

pub(crate) fn upload(store: &StoreId, key: &str, id: &UploadKey) -> Key {
    store.key(UPLOAD).str(key).bytes(id).build()
}

/// All uploads in progress of a bucket.
pub(crate) fn all_uploads(store: &StoreId) -> Range {
    store.key(UPLOAD).range()
}

/// The uploads in progress of the objects whose keys begin with `prefix`.
pub(crate) fn uploads_with(store: &StoreId, prefix: &str) -> Range {
    store.key(UPLOAD).str_prefix(prefix).range()
}

/// The uploads in progress of one object.
pub(crate) fn uploads(store: &StoreId, key: &str) -> Range {
    store.key(UPLOAD).str(key).range()
}

/// Object key and upload id in a key of the tag `UPLOAD`.
pub(crate) fn read_upload(store: &StoreId, key: &[u8]) -> Result<(String, UploadKey), kv::Error> {
    let mut reader = in_store(store, UPLOAD, key)?;
    let (object, id) = (reader.str()?, reader.bytes()?);
    reader.finish()?;
    let id = id[..].try_into().map_err(|_| kv::Error::Corrupt("an upload's id".to_owned()))?;
    Ok((object, id))
}

/// When an upload began (ms) and 16 random bytes: uploads of one object order by their beginning.
pub(crate) type UploadKey = [u8; 24];

pub(crate) fn part(store: &StoreId, upload: &UploadKey, number: u32) -> Key {
    store.key(PART).bytes(upload).u64(number.into()).build()
}

/// All parts of an upload, in the order of their numbers.
pub(crate) fn parts(store: &StoreId, upload: &UploadKey) -> Range {
    store.key(PART).bytes(upload).range()
}

/// The number in a key of the tag `PART`.
pub(crate) fn read_part(store: &StoreId, key: &[u8]) -> Result<u32, kv::Error> {
    let mut reader = in_store(store, PART, key)?;
    reader.bytes()?;
    let number = reader.u64()?;
    reader.finish()?;
    u32::try_from(number).map_err(|_| kv::Error::Corrupt("a part's number".to_owned()))
}

/// A reader that stands behind the store's id.
fn in_store<'a>(store: &StoreId, tag: Tag, key: &'a [u8]) -> Result<KeyReader<'a>, kv::Error> {
    let mut reader = KeyReader::new(tag, key)?;
    let _account = reader.str()?;
    let _region = reader.str()?;
    let _name = reader.str()?;
    match reader.fixed16()? == store.id {
        true => Ok(reader),
        false => Err(kv::Error::Corrupt("a key of another bucket".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> StoreId {
        let (account, region) = ("000000000000".parse().unwrap(), "eu-1".parse().unwrap());
        StoreId { account, region, name: "photos".to_owned(), id: [7; 16] }
    }

    #[test]
    fn the_key_layout_is_what_it_always_was() {
        let store = store();
        let owner = b"000000000000\0\0eu-1\0\0photos\0\0";
        let head = |tag: [u8; 2]| [&tag[..], owner, &[7; 16]].concat();
        assert_eq!(
            bucket(&store.account, &store.region, "photos")[..],
            [&[0x01, 0xc0][..], owner].concat()
        );
        let expected = [&head([0x01, 0xc2])[..], b"a/b\0\0", &[0, 0, 0, 0, 0, 0, 0, 0]].concat();
        assert_eq!(version(&store, "a/b", CURRENT)[..], expected);
        let expected = [&head([0x01, 0xc6])[..], &[9; 24], b"\0\0", &[0, 0, 0, 0, 0, 0, 0, 3]];
        assert_eq!(part(&store, &[9; 24], 3)[..], expected.concat());
    }

    #[test]
    fn the_current_version_is_first_and_the_others_follow_newest_first() {
        let store = store();
        let [current, newer, older] =
            [CURRENT, place(20), place(3)].map(|place| version(&store, "a", place));
        assert!(current < newer && newer < older && older < version(&store, "b", CURRENT));
        assert!(!noncurrent(&store, "a").contains(&current));
        assert!(noncurrent(&store, "a").contains(&newer));
        assert_eq!(read_version(&store, &older).unwrap(), ("a".to_owned(), place(3)));
    }

    #[test]
    fn objects_order_by_the_bytes_of_their_keys() {
        let store = store();
        // By UTF-16, the last two would be the other way around.
        let keys = ["", "a", "a\0", "a!", "a/", "a/b", "b", "é", "\u{ffff}", "\u{10000}"];
        let in_store = keys.map(|key| version(&store, key, u64::MAX));
        assert!(in_store.is_sorted());
        assert!(!versions_with(&store, "a/").contains(&in_store[3]));
        assert!(versions_with(&store, "a/").contains(&in_store[5]));
    }
}
