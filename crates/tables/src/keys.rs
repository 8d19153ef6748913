//! Where everything lies.
//!
//! | tag | key | value |
//! |---|---|---|
//! | `TABLE` | account, region, name | [`Table`](crate::model::Table) |
//! | `ITEM` | store, hash of the partition key (16 bytes), sort key | [`Stored`](crate::model::Stored) |
//! | `COUNT` | store | number of items, by atomic adds |
//! | `BYTES` | store | bytes of items, by atomic adds |
//!
//! `store` are the 16 random bytes of [`Table::store`](crate::model::Table::store), so a new table
//! of an old name never sees the old items, which a job removes. The hash is the first half of the
//! SHA-256 of the partition key's ordered bytes: a key can be longer than the store's limit. The
//! sort key are its ordered bytes, nothing at all where the table has none.

use expression::{Value, encode_key};
use kv::{Key, KeyBuilder, Range, Tag};
use service::tag;
use sha2::{Digest, Sha256};
use types::{AccountId, Region};

pub(crate) const TABLE: Tag = Tag(tag::TABLES);
pub(crate) const ITEM: Tag = Tag(tag::TABLES + 1);
pub(crate) const COUNT: Tag = Tag(tag::TABLES + 2);
pub(crate) const BYTES: Tag = Tag(tag::TABLES + 3);

/// 16 random bytes under which the items of a table lie.
pub(crate) type Id = [u8; 16];

pub(crate) fn table(account: &AccountId, region: &Region, name: &str) -> Key {
    KeyBuilder::new(TABLE).str(account.as_str()).str(region.as_str()).str(name).build()
}

/// All tables of an account and region.
pub(crate) fn tables(account: &AccountId, region: &Region) -> Range {
    KeyBuilder::new(TABLE).str(account.as_str()).str(region.as_str()).range()
}

/// One item. The values are of key types, which every caller has checked.
pub(crate) fn item(store: &Id, partition: &Value, sort: Option<&Value>) -> Key {
    let key = partition_prefix(store, partition);
    match sort.and_then(encode_key) {
        Some(sort) => key.bytes(&sort).build(),
        None => key.build(),
    }
}

/// What the keys of all items of one partition key begin with.
pub(crate) fn partition_prefix(store: &Id, partition: &Value) -> KeyBuilder {
    KeyBuilder::new(ITEM).fixed16(store).fixed16(&hash(partition))
}

/// All items of a table, in the order of a scan.
pub(crate) fn items(store: &Id) -> Range {
    KeyBuilder::new(ITEM).fixed16(store).range()
}

/// The part of a scan that `segment` (from 0) of `total` reads.
pub(crate) fn segment(store: &Id, segment: u32, total: u32) -> Range {
    let all = items(store);
    let bound = |at: u32| {
        let hash = segment_start(at, total).to_be_bytes();
        KeyBuilder::new(ITEM).fixed16(store).fixed16(&hash).build()
    };
    let end = if segment + 1 >= total { all.end } else { bound(segment + 1) };
    Range::new(if segment == 0 { all.start } else { bound(segment) }, end)
}

/// The smallest hash of a segment: `segment * 2^128 / total`, without overflow.
fn segment_start(segment: u32, total: u32) -> u128 {
    let (segment, total) = (u128::from(segment), u128::from(total.max(1)));
    let (quotient, rest) = (u128::MAX / total, u128::MAX % total + 1);
    segment * quotient + segment * rest / total
}

fn hash(partition: &Value) -> Id {
    let digest = Sha256::digest(encode_key(partition).unwrap_or_default());
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    half
}

pub(crate) fn count(store: &Id) -> Key {
    KeyBuilder::new(COUNT).fixed16(store).build()
}

pub(crate) fn bytes(store: &Id) -> Key {
    KeyBuilder::new(BYTES).fixed16(store).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_layout_is_what_it_always_was() {
        let (account, region) = ("000000000000".parse().unwrap(), "eu-1".parse().unwrap());
        let id = [7; 16];
        assert_eq!(table(&account, &region, "a")[..], b"\x01\x40000000000000\0\0eu-1\0\0a\0\0"[..]);
        let (partition, sort) = (Value::S("p".to_owned()), Value::N("-1.5".parse().unwrap()));
        assert_eq!(
            hex::encode(item(&id, &partition, Some(&sort))),
            "014107070707070707070707070707070707148de9c5a7a44d19e56cd9ae1a554bf6017defff0000"
        );
        assert_eq!(count(&id)[..], [&[0x01, 0x42][..], &id].concat());
        assert_eq!(bytes(&id)[..], [&[0x01, 0x43][..], &id].concat());
    }

    #[test]
    fn the_longest_key_fits_the_store() {
        let (partition, sort) = (Value::B(vec![0; 2048]), Value::B(vec![0; 1024]));
        let key = item(&[0; 16], &partition, Some(&sort));
        assert!(key.len() <= kv::limits::KEY_BYTES, "{}", key.len());
    }

    #[test]
    fn segments_divide_a_table_without_gap_or_overlap() {
        let id = [3; 16];
        for total in [1, 2, 3, 7, 1_000_000] {
            let mut end = items(&id).start;
            for at in (0..total).filter(|at| *at < 5 || at + 5 > total) {
                let part = segment(&id, at, total);
                if at < 5 {
                    assert_eq!(part.start, end);
                }
                assert!(!part.is_empty());
                end = part.end;
            }
            assert_eq!(end, items(&id).end);
        }
    }
}
