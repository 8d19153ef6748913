//! DynamoDB's data and expression language: values, numbers, items and their sizes, and the five
//! expressions (condition, filter, key condition, projection, update). Pure: no I/O, no store.
//!
//! A request makes one [`Bindings`] of its names and values, parses its expressions with it (update
//! first, then condition, key condition, filter, projection: DynamoDB's order), calls
//! [`Bindings::finish`], and applies what it parsed to items.

mod error;
mod key;
pub mod limits;
mod number;
mod value;

#[cfg(test)]
mod testing;

pub use error::{Error, KeyConditionError, Kind, Problem};
pub use key::{KeyAttribute, KeySchema, KeyType, encode_key};
pub use number::{MAX_DIGITS, Number};
pub use value::{Item, Received, Value, ValueType, item_bytes};
