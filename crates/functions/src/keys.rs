//! Where everything lies.
//!
//! | tag | key | value |
//! |---|---|---|
//! | `FUNCTION` | account, region, name | [`Function`](crate::model::Function) |
//! | `CODE` | account, region, SHA-256 in hexadecimal | [`Code`](crate::code::Code) |
//! | `URL` | account, region, URL id | [`Url`](crate::model::Url) |
//! | `URL_OF` | account, region, function name | the URL id |
//! | `INVOKE_CONFIG` | account, region, function name | [`InvokeConfig`](crate::model::InvokeConfig) |
//!
//! Event source mappings lie where [`service::mapping`] says.

use kv::{Key, KeyBuilder, Range, Tag};
use service::tag;
use types::{AccountId, Region};

pub(crate) const FUNCTION: Tag = Tag(tag::FUNCTIONS);
pub(crate) const CODE: Tag = Tag(tag::FUNCTIONS + 1);
pub(crate) const URL: Tag = Tag(tag::FUNCTIONS + 2);
pub(crate) const URL_OF: Tag = Tag(tag::FUNCTIONS + 3);
pub(crate) const INVOKE_CONFIG: Tag = Tag(tag::FUNCTIONS + 4);

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
    }
}
