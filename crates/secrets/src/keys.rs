//! Where everything lies.
//!
//! | tag | key | value |
//! |---|---|---|
//! | `PARAMETER` | account, region, name | [`Parameter`](crate::model::Parameter), with its latest version |
//! | `VERSION` | account, region, name, number | an earlier [`Version`](crate::model::Version) |
//! | `COUNT` | account, region, tier | how many parameters there are, by atomic adds |

use crate::model::Tier;
use kv::{Key, KeyBuilder, KeyReader, Range, Tag};
use serde::{Deserialize, Serialize};
use service::{Context, tag};
use types::{AccountId, Region};

pub(crate) const PARAMETER: Tag = Tag(tag::SECRETS);
pub(crate) const VERSION: Tag = Tag(tag::SECRETS + 1);
pub(crate) const COUNT: Tag = Tag(tag::SECRETS + 2);

/// Where the parameters of an account and region are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
}

impl Place {
    pub(crate) fn of(ctx: &Context) -> Self {
        Self { account: ctx.account().clone(), region: ctx.region.clone() }
    }

    fn under(&self, tag: Tag) -> KeyBuilder {
        KeyBuilder::new(tag).str(self.account.as_str()).str(self.region.as_str())
    }

    pub(crate) fn parameter(&self, name: &str) -> Key {
        self.under(PARAMETER).str(name).build()
    }

    /// All parameters whose names begin with `prefix`.
    pub(crate) fn parameters(&self, prefix: &str) -> Range {
        self.under(PARAMETER).str_prefix(prefix).range()
    }

    pub(crate) fn version(&self, name: &str, number: u64) -> Key {
        self.under(VERSION).str(name).u64(number).build()
    }

    /// All earlier versions of a parameter, the oldest first.
    pub(crate) fn versions(&self, name: &str) -> Range {
        self.under(VERSION).str(name).range()
    }

    pub(crate) fn count(&self, tier: Tier) -> Key {
        self.under(COUNT).str(tier.name()).build()
    }
}

/// The place, the name and, of a version, the number in a key.
pub(crate) fn read(tag: Tag, key: &[u8]) -> Result<(Place, String, Option<u64>), kv::Error> {
    let corrupt = |what: &str| kv::Error::Corrupt(what.to_owned());
    let mut reader = KeyReader::new(tag, key)?;
    let account = reader.str()?.parse().map_err(|_| corrupt("an account"))?;
    let region = reader.str()?.parse().map_err(|_| corrupt("a region"))?;
    let name = reader.str()?;
    let number = if tag == VERSION { Some(reader.u64()?) } else { None };
    reader.finish()?;
    Ok((Place { account, region }, name, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_layout_is_what_it_always_was() {
        let (account, region) = ("000000000000".parse().unwrap(), "eu-1".parse().unwrap());
        let place = Place { account, region };
        let key = place.parameter("/a/b");
        assert_eq!(key[..], *b"\x01\xe0000000000000\0\0eu-1\0\0/a/b\0\0");
        assert_eq!(read(PARAMETER, &key), Ok((place.clone(), "/a/b".to_owned(), None)));
        let key = place.version("x", 258);
        assert_eq!(key[..], *b"\x01\xe1000000000000\0\0eu-1\0\0x\0\0\0\0\0\0\0\0\x01\x02");
        assert_eq!(read(VERSION, &key), Ok((place.clone(), "x".to_owned(), Some(258))));
        assert_eq!(
            place.count(Tier::Standard)[..],
            *b"\x01\xe2000000000000\0\0eu-1\0\0Standard\0\0"
        );
    }
}
