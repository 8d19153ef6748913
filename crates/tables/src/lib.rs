//! Amazon DynamoDB: tables.

/// The official service model, pruned to the operations of this crate by `cargo xtask models`.
pub const MODEL: &str = include_str!("../model.json");
