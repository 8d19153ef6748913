//! Where everything lies.
//!
//! | tag | key | value |
//! |---|---|---|
//! | `FUNCTION` | account, region, name | [`Function`](crate::model::Function) |
//! | `CODE` | account, region, SHA-256 in hexadecimal | [`Code`](crate::code::Code) |
//! | `URL` | account, region, URL id | [`Url`](crate::model::Url) |
//! | `URL_OF` | account, region, function name or `name:alias` | the URL id |
//! | `INVOKE_CONFIG` | account, region, function name or `name:qualifier` | [`InvokeConfig`](crate::model::InvokeConfig) |
//! | `VERSION` | account, region, function name, number | [`Function`](crate::model::Function), as published |
//! | `LAST_VERSION` | account, region, function name | the last number, which outlives the function |
//! | `ALIAS` | account, region, function name, alias | [`Alias`](crate::model::Alias) |
//! | `LAYER` | account, region, layer name, number | [`LayerVersion`](crate::model::LayerVersion) |
//! | `LAST_LAYER` | account, region, layer name | the last number, which outlives the versions |
//! | `RESERVED` | account, region, function name | [`Reserved`](crate::model::Reserved) |
//! | `PROVISIONED` | account, region, function name, version or alias | [`Provisioned`](crate::model::Provisioned) |
//! | `ALL_RESERVED` | account, region | [`AllReserved`](crate::model::AllReserved) |
//!
//! Event source mappings lie where [`service::mapping`] says.

use kv::{Key, KeyBuilder, KeyReader, Range, Tag};
use service::tag;
use types::{AccountId, Region};

pub(crate) const FUNCTION: Tag = Tag(tag::FUNCTIONS);
pub(crate) const CODE: Tag = Tag(tag::FUNCTIONS + 1);
pub(crate) const URL: Tag = Tag(tag::FUNCTIONS + 2);
pub(crate) const URL_OF: Tag = Tag(tag::FUNCTIONS + 3);
pub(crate) const INVOKE_CONFIG: Tag = Tag(tag::FUNCTIONS + 4);
pub(crate) const VERSION: Tag = Tag(tag::FUNCTIONS + 5);
pub(crate) const LAST_VERSION: Tag = Tag(tag::FUNCTIONS + 6);
pub(crate) const ALIAS: Tag = Tag(tag::FUNCTIONS + 7);
pub(crate) const LAYER: Tag = Tag(tag::FUNCTIONS + 8);
pub(crate) const LAST_LAYER: Tag = Tag(tag::FUNCTIONS + 9);
pub(crate) const RESERVED: Tag = Tag(tag::FUNCTIONS + 10);
pub(crate) const ALL_RESERVED: Tag = Tag(tag::FUNCTIONS + 11);
pub(crate) const PROVISIONED: Tag = Tag(tag::FUNCTIONS + 12);

fn of(tag: Tag, account: &AccountId, region: &Region) -> KeyBuilder {
    KeyBuilder::new(tag).str(account.as_str()).str(region.as_str())
}

pub(crate) fn function(account: &AccountId, region: &Region, name: &str) -> Key {
    of(FUNCTION, account, region).str(name).build()
}

/// All functions, in the order of their names.
pub(crate) fn functions(account: &AccountId, region: &Region) -> Range {
    of(FUNCTION, account, region).range()
}

pub(crate) fn code(account: &AccountId, region: &Region, sha256: &str) -> Key {
    of(CODE, account, region).str(sha256).build()
}

pub(crate) fn url(account: &AccountId, region: &Region, id: &str) -> Key {
    of(URL, account, region).str(id).build()
}

pub(crate) fn url_of(account: &AccountId, region: &Region, function: &str) -> Key {
    of(URL_OF, account, region).str(function).build()
}

pub(crate) fn invoke_config(account: &AccountId, region: &Region, function: &str) -> Key {
    of(INVOKE_CONFIG, account, region).str(function).build()
}

/// What lies under qualifiers of a function in `URL_OF` or `INVOKE_CONFIG`.
pub(crate) fn qualified(tag: Tag, account: &AccountId, region: &Region, function: &str) -> Range {
    of(tag, account, region).str_prefix(&format!("{function}:")).range()
}

pub(crate) fn reserved(account: &AccountId, region: &Region, function: &str) -> Key {
    of(RESERVED, account, region).str(function).build()
}

/// What functions have for themselves, each.
pub(crate) fn all_of_reserved(account: &AccountId, region: &Region) -> Range {
    of(RESERVED, account, region).range()
}

pub(crate) fn all_reserved(account: &AccountId, region: &Region) -> Key {
    of(ALL_RESERVED, account, region).build()
}

pub(crate) fn provisioned(
    account: &AccountId,
    region: &Region,
    function: &str,
    qualifier: &str,
) -> Key {
    of(PROVISIONED, account, region).str(function).str(qualifier).build()
}

/// What is provisioned for versions and aliases of a function.
pub(crate) fn provisioned_of(account: &AccountId, region: &Region, function: &str) -> Range {
    of(PROVISIONED, account, region).str(function).range()
}

/// What is provisioned for versions and aliases of all functions.
pub(crate) fn all_provisioned(account: &AccountId, region: &Region) -> Range {
    of(PROVISIONED, account, region).range()
}

/// The function's name in a key that has it after account and region.
pub(crate) fn function_of(tag: Tag, key: &[u8]) -> Result<String, kv::Error> {
    let mut reader = KeyReader::new(tag, key)?;
    reader.str()?;
    reader.str()?;
    reader.str()
}

pub(crate) fn version(account: &AccountId, region: &Region, function: &str, number: u32) -> Key {
    of(VERSION, account, region).str(function).u64(number.into()).build()
}

/// All versions of a function, in the order of their numbers.
pub(crate) fn versions(account: &AccountId, region: &Region, function: &str) -> Range {
    of(VERSION, account, region).str(function).range()
}

/// The versions of all functions.
pub(crate) fn all_versions(account: &AccountId, region: &Region) -> Range {
    of(VERSION, account, region).range()
}

pub(crate) fn last_version(account: &AccountId, region: &Region, function: &str) -> Key {
    of(LAST_VERSION, account, region).str(function).build()
}

pub(crate) fn alias(account: &AccountId, region: &Region, function: &str, alias: &str) -> Key {
    of(ALIAS, account, region).str(function).str(alias).build()
}

/// All aliases of a function, in the order of their names.
pub(crate) fn aliases(account: &AccountId, region: &Region, function: &str) -> Range {
    of(ALIAS, account, region).str(function).range()
}

pub(crate) fn layer(account: &AccountId, region: &Region, layer: &str, number: u32) -> Key {
    of(LAYER, account, region).str(layer).u64(number.into()).build()
}

/// All versions of a layer, in the order of their numbers.
pub(crate) fn layer_versions(account: &AccountId, region: &Region, layer: &str) -> Range {
    of(LAYER, account, region).str(layer).range()
}

pub(crate) fn last_layer(account: &AccountId, region: &Region, layer: &str) -> Key {
    of(LAST_LAYER, account, region).str(layer).build()
}

/// The last numbers of all layers, in the order of their names.
pub(crate) fn last_layers(account: &AccountId, region: &Region) -> Range {
    of(LAST_LAYER, account, region).range()
}

/// The layer's name in a key of `LAST_LAYER`.
pub(crate) fn layer_of(key: &[u8]) -> Result<String, kv::Error> {
    let mut reader = KeyReader::new(LAST_LAYER, key)?;
    reader.str()?;
    reader.str()?;
    reader.str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_layout_is_what_it_always_was() {
        let (account, region) = ("000000000000".parse().unwrap(), "eu-1".parse().unwrap());
        let rest = b"000000000000\0\0eu-1\0\0a\0\0";
        let expected = |tag: u8| [&[0x01, tag][..], rest].concat();
        assert_eq!(function(&account, &region, "a")[..], expected(0x60));
        assert_eq!(code(&account, &region, "a")[..], expected(0x61));
        assert_eq!(url(&account, &region, "a")[..], expected(0x62));
        assert_eq!(url_of(&account, &region, "a")[..], expected(0x63));
        assert_eq!(invoke_config(&account, &region, "a")[..], expected(0x64));
        assert_eq!(last_version(&account, &region, "a")[..], expected(0x66));
        assert_eq!(last_layer(&account, &region, "a")[..], expected(0x69));
        assert_eq!(layer_of(&last_layer(&account, &region, "a")), Ok("a".to_owned()));
        assert_eq!(
            provisioned(&account, &region, "a", "b")[..],
            [&expected(0x6c)[..], b"b\0\0"].concat()
        );
        assert_eq!(function_of(RESERVED, &reserved(&account, &region, "a")), Ok("a".to_owned()));
        let key = layer(&account, &region, "a", 258);
        assert_eq!(key[..], [&expected(0x68)[..], &[0, 0, 0, 0, 0, 0, 1, 2]].concat());
        let key = version(&account, &region, "a", 258);
        assert_eq!(key[..], [&expected(0x65)[..], &[0, 0, 0, 0, 0, 0, 1, 2]].concat());
        assert_eq!(
            alias(&account, &region, "a", "b")[..],
            [&expected(0x67)[..], b"b\0\0"].concat()
        );
        assert!(
            qualified(URL_OF, &account, &region, "a").contains(&url_of(&account, &region, "a:b"))
        );
        assert!(
            !qualified(URL_OF, &account, &region, "a").contains(&url_of(&account, &region, "a"))
        );
    }
}
