//! Capacity, as "DynamoDB read and write operations" in the Developer Guide computes it.

use crate::config::{READ_UNIT_BYTES, WRITE_UNIT_BYTES};
use serde::{Deserialize, Serialize};
use std::ops::AddAssign;

/// What a request wants to know of the capacity that it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ReturnConsumed {
    /// Nothing.
    #[default]
    None,
    /// The sum.
    Total,
    /// The sum, and that of the table and of each index.
    Indexes,
}

/// Capacity units, counted in halves: an eventually consistent read costs half a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Units(u64);

impl Units {
    /// A read of so many bytes; of nothing, it costs as much as the smallest.
    pub(crate) fn read(bytes: usize, consistent: bool) -> Self {
        let blocks = bytes.div_ceil(READ_UNIT_BYTES).max(1) as u64;
        Self(if consistent { 2 * blocks } else { blocks })
    }

    /// A write: the larger of the item before and the item after counts.
    pub(crate) fn write(before: usize, after: usize) -> Self {
        Self(2 * before.max(after).div_ceil(WRITE_UNIT_BYTES).max(1) as u64)
    }

    fn as_f64(self) -> f64 {
        self.0 as f64 / 2.0
    }
}

impl AddAssign for Units {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

/// The member `ConsumedCapacity` of a reply.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Consumed {
    table_name: String,
    capacity_units: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<Capacity>,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Capacity {
    capacity_units: f64,
}

impl Consumed {
    /// What the request asked to be told; `table` is the name or ARN by which it calls the table.
    pub(crate) fn of(table: &str, units: Units, wanted: ReturnConsumed) -> Option<Self> {
        let capacity_units = units.as_f64();
        let table_name = || table.to_owned();
        match wanted {
            ReturnConsumed::None => None,
            ReturnConsumed::Total => {
                Some(Self { table_name: table_name(), capacity_units, table: None })
            }
            ReturnConsumed::Indexes => Some(Self {
                table_name: table_name(),
                capacity_units,
                table: Some(Capacity { capacity_units }),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capacity_is_counted_in_blocks() {
        for (bytes, eventual, consistent) in [
            (0, 0.5, 1.0),
            (1, 0.5, 1.0),
            (4096, 0.5, 1.0),
            (4097, 1.0, 2.0),
            (409_600, 50.0, 100.0),
        ] {
            assert_eq!(Units::read(bytes, false).as_f64(), eventual);
            assert_eq!(Units::read(bytes, true).as_f64(), consistent);
        }
        for (before, after, units) in [(0, 0, 1.0), (0, 1024, 1.0), (1025, 3, 2.0), (3, 2049, 3.0)]
        {
            assert_eq!(Units::write(before, after).as_f64(), units);
        }
    }
}
