//! Stored records, and the rules of tables as functions on a transaction.

mod access;
mod capacity;
mod conditional;
mod description;
mod expressions;
mod features;
mod item_key;
mod page;
mod range;
mod schema;
mod stored;
mod table;
mod tags;
mod throughput;
mod write;

pub(crate) use access::{Access, control, table_permission};
pub(crate) use capacity::{Consumed, ReturnConsumed, Units};
pub(crate) use conditional::{
    ItemReturned, OnFailure, ReturnValues, Written, check_condition, check_size, check_updated_size,
};
pub(crate) use description::{AttributeDefinition, Description, KeySchemaElement};
pub(crate) use expressions::{
    Parameters, condition, condition_attributes, only_condition, projection, projection_attributes,
};
pub(crate) use features::{SseSpecification, StreamSpecification, check_class, check_indexes};
pub(crate) use item_key::{check_value, from_item, from_key};
pub(crate) use page::{Page, Reading, Select};
pub(crate) use range::{
    check_filter, check_index, check_start_key, query_range, resume, start_key,
};
pub(crate) use schema::key_schema;
pub(crate) use stored::Stored;
pub(crate) use table::{Decoded, Name, Table, list, save};
pub(crate) use tags::{Tag, add_tags, parse_tags, remove_tags, tag_list, tagged};
pub(crate) use throughput::{BillingMode, UnitsWanted, billing, check_account, rebilling};
pub(crate) use write::{put, read, remove};
