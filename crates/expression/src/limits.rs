//! The limits of DynamoDB's data and expression language.
//!
//! Source: the DynamoDB developer guide, "Service, account, and table quotas" and "Constraints".

/// The size of one item, attribute names included, in bytes.
pub const MAX_ITEM_BYTES: usize = 400 * 1024;
/// Levels of a document: an attribute is level 1, a member of its list or map level 2.
pub const MAX_DEPTH: usize = 32;
/// One expression, in bytes of UTF-8.
pub const MAX_EXPRESSION_BYTES: usize = 4096;
/// Operators and functions in one expression.
pub const MAX_OPERATORS: usize = 300;
/// Members of one `IN` list.
pub const MAX_IN_OPERANDS: usize = 100;
/// A `#name` or `:value` with its first character, in bytes.
pub const MAX_PLACEHOLDER_BYTES: usize = 255;
/// The largest list index that a path may hold.
pub const MAX_LIST_INDEX: u32 = i32::MAX as u32;
/// The value of a partition key, in bytes.
pub const MAX_PARTITION_KEY_BYTES: usize = 2048;
/// The value of a sort key, in bytes.
pub const MAX_SORT_KEY_BYTES: usize = 1024;
