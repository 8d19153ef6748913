//! The rules of parameters, and the records.

mod filter;
mod name;
mod page;
mod parameter;
mod put;
mod tags;
mod vault;
mod view;

pub(crate) use filter::{Filter, FilterInput, OldFilterInput, is_under};
pub(crate) use name::{Asked, Selector, arn, arn_text, check_label, check_name, check_path, parse};
pub(crate) use page::{decode_token, encode_token, page};
pub(crate) use parameter::{
    Kind, Parameter, Tier, Version, find, found, get, remove, select, version,
};
pub(crate) use put::{Wish, WishedTier, put};
pub(crate) use tags::{Tag, merge_tags, to_list};
pub(crate) use vault::{Stored, Vault};
pub(crate) use view::{Described, HistoryEntry, Shown};
