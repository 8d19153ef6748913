//! What writes answer.

use super::{
    capacity::{Consumed, ReturnConsumed, Units},
    stored::Stored,
};
use crate::Error;
use expression::{Condition, Item, Projection, item_bytes, limits::MAX_ITEM_BYTES};
use serde::{Deserialize, Serialize};

/// What a write returns of the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ReturnValues {
    #[default]
    None,
    AllOld,
    UpdatedOld,
    AllNew,
    UpdatedNew,
}

impl ReturnValues {
    /// The official name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::AllOld => "ALL_OLD",
            Self::UpdatedOld => "UPDATED_OLD",
            Self::AllNew => "ALL_NEW",
            Self::UpdatedNew => "UPDATED_NEW",
        }
    }

    /// Puts and deletes return the item before or nothing.
    pub(crate) fn only_all_old(self) -> Result<(), Error> {
        match self {
            Self::None | Self::AllOld => Ok(()),
            _ => Err(Error::validation("ReturnValues can only be ALL_OLD or NONE")),
        }
    }
}

/// What a write returns when its condition fails: `ReturnValuesOnConditionCheckFailure`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum OnFailure {
    #[default]
    None,
    AllOld,
}

/// Refuses a write whose condition the item before it does not meet.
pub(crate) fn check_condition(
    condition: Option<&Condition>,
    before: Option<&Stored>,
    on_failure: OnFailure,
) -> Result<(), Error> {
    let Some(condition) = condition else { return Ok(()) };
    let item = before.map(Stored::decode).transpose()?;
    if condition.eval(item.as_ref().unwrap_or(&Item::new())) {
        return Ok(());
    }
    let returned = item.filter(|_| on_failure == OnFailure::AllOld);
    Err(Error::ConditionFailed(returned.map(Box::new)))
}

/// An item in a reply: as it lies in the store, or as it was made.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum ItemReturned {
    Stored(Stored),
    Item(Item),
}

impl ItemReturned {
    /// The parts of a stored item that a projection names; all of it without one.
    pub(crate) fn cut(stored: Stored, projection: Option<&Projection>) -> Result<Self, Error> {
        match projection {
            None => Ok(Self::Stored(stored)),
            Some(projection) => Ok(Self::Item(projection.apply(&stored.decode()?))),
        }
    }
}

/// What a write answers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<ItemReturned>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consumed_capacity: Option<Consumed>,
}

impl Written {
    /// `table` is the name or ARN by which the request calls the table.
    pub(crate) fn new(
        attributes: Option<ItemReturned>,
        table: &str,
        units: Units,
        wanted: ReturnConsumed,
    ) -> Self {
        Self { attributes, consumed_capacity: Consumed::of(table, units, wanted) }
    }
}

/// Refuses an item that is too large to be written.
pub(crate) fn check_size(item: &Item) -> Result<(), Error> {
    if item_bytes(item) > MAX_ITEM_BYTES {
        return Err(Error::validation("Item size has exceeded the maximum allowed size"));
    }
    Ok(())
}

/// Refuses an update that makes its item too large.
pub(crate) fn check_updated_size(item: &Item) -> Result<(), Error> {
    if item_bytes(item) > MAX_ITEM_BYTES {
        return Err(Error::validation("Item size to update has exceeded the maximum allowed size"));
    }
    Ok(())
}
