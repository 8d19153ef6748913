//! Where everything lies. IAM is global, so no key names a region; names lie under their lower case,
//! because names that differ only in case are one name.
//!
//! | tag | key | value |
//! |---|---|---|
//! | `ACCESS_KEY` | access key id (it says who the account is) | [`AccessKey`](crate::model::AccessKey) |
//! | `USER` | account, name | [`User`](crate::model::User) |
//! | `ROLE` | account, name | [`Role`](crate::model::Role) |
//! | `POLICY` | account, name | [`Policy`](crate::model::Policy) |
//! | `USER_KEY` | account, user, access key id | empty |
//! | `ATTACHED` | account, policy, use ([`Use`]), user or role | empty |
//! | `POLICY_EPOCH` | account | 16 random bytes, new whenever a default version changes |
//! | `COUNT` | account, tag of the counted kind | how many there are, by atomic adds |
//! | `ROOT_KEY` | account | access key id of the root key made at first start |

use crate::model::Kind;
use kv::{Key, KeyBuilder, Range, Tag};
use service::tag;
use types::AccountId;

pub(crate) const ACCESS_KEY: Tag = Tag(tag::IAM);
pub(crate) const USER: Tag = Tag(tag::IAM + 1);
pub(crate) const ROLE: Tag = Tag(tag::IAM + 2);
pub(crate) const POLICY: Tag = Tag(tag::IAM + 3);
pub(crate) const USER_KEY: Tag = Tag(tag::IAM + 4);
pub(crate) const ATTACHED: Tag = Tag(tag::IAM + 5);
pub(crate) const POLICY_EPOCH: Tag = Tag(tag::IAM + 6);
pub(crate) const COUNT: Tag = Tag(tag::IAM + 7);
pub(crate) const ROOT_KEY: Tag = Tag(tag::IAM + 8);

/// What a managed policy is used as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// It gives permissions.
    Permissions,
    /// It bounds them.
    Boundary,
}

pub(crate) fn access_key(id: &str) -> Key {
    KeyBuilder::new(ACCESS_KEY).str(id).build()
}

/// A user, role or customer managed policy.
pub(crate) fn named(tag: Tag, account: &AccountId, name: &str) -> Key {
    KeyBuilder::new(tag).str(account.as_str()).str(&name.to_ascii_lowercase()).build()
}

pub(crate) fn all_named(tag: Tag, account: &AccountId) -> Range {
    KeyBuilder::new(tag).str(account.as_str()).range()
}

pub(crate) fn user_key(account: &AccountId, user: &str, id: &str) -> Key {
    of_user(account, user).str(id).build()
}

pub(crate) fn user_keys(account: &AccountId, user: &str) -> Range {
    of_user(account, user).range()
}

fn of_user(account: &AccountId, user: &str) -> KeyBuilder {
    KeyBuilder::new(USER_KEY).str(account.as_str()).str(&user.to_ascii_lowercase())
}

/// That a user or role uses a customer managed policy.
pub(crate) fn attached(
    account: &AccountId,
    policy: &str,
    used_as: Use,
    owner: (Kind, &str),
) -> Key {
    let (kind, name) = owner;
    of_policy(account, policy, used_as).u8(kind as u8).str(&name.to_ascii_lowercase()).build()
}

pub(crate) fn attachments(account: &AccountId, policy: &str, used_as: Use) -> Range {
    of_policy(account, policy, used_as).range()
}

fn of_policy(account: &AccountId, policy: &str, used_as: Use) -> KeyBuilder {
    let key = KeyBuilder::new(ATTACHED).str(account.as_str()).str(&policy.to_ascii_lowercase());
    key.u8(used_as as u8)
}

pub(crate) fn policy_epoch(account: &AccountId) -> Key {
    KeyBuilder::new(POLICY_EPOCH).str(account.as_str()).build()
}

pub(crate) fn count(account: &AccountId, counted: Tag) -> Key {
    KeyBuilder::new(COUNT).str(account.as_str()).u64(u64::from(counted.0)).build()
}

pub(crate) fn root_key(account: &AccountId) -> Key {
    KeyBuilder::new(ROOT_KEY).str(account.as_str()).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_layout_is_what_it_always_was() {
        let account: AccountId = "000000000000".parse().unwrap();
        assert_eq!(access_key("AKIA")[..], *b"\x01\x00AKIA\0\0");
        assert_eq!(named(ROLE, &account, "Ada")[..], *b"\x01\x02000000000000\0\0ada\0\0");
        let used = attached(&account, "p", Use::Boundary, (Kind::Role, "r"));
        assert_eq!(used[..], *b"\x01\x05000000000000\0\0p\0\0\x01\x01r\0\0");
    }
}
