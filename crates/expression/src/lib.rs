//! DynamoDB's data and expression language: values, numbers, items and their sizes, and the five
//! expressions (condition, filter, key condition, projection, update). Pure: no I/O, no store.
//!
//! A request makes one [`Bindings`] of its names and values, parses its expressions with it (update
//! first, then condition, key condition, filter, projection: DynamoDB's order), calls
//! [`Bindings::finish`], and applies what it parsed to items.

mod bindings;
mod condition;
mod error;
mod key;
mod key_condition;
mod lexer;
pub mod limits;
mod number;
mod operand;
mod parser;
mod path;
mod projection;
mod reserved;
mod syntax;
mod update;
mod value;

#[cfg(test)]
mod testing;

pub use bindings::Bindings;
pub use condition::Condition;
pub use error::{Error, KeyConditionError, Kind, Problem};
pub use key::{KeyAttribute, KeySchema, KeyType, encode_key};
pub use key_condition::{KeyCondition, KeyRange, SortCondition};
pub use number::{MAX_DIGITS, Number};
pub use path::{Element, Path};
pub use projection::Projection;
pub use update::{Changes, Update};
pub use value::{Item, Received, ReceivedItem, Value, ValueType, item_bytes};
