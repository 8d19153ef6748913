//! Key conditions: which range of keys a query reads.

use crate::{
    Bindings,
    condition::{self, Leaf, Node},
    error::{Error, KeyConditionError as Refused, Kind},
    key::{KeyAttribute, KeySchema, encode_key},
    operand::Operand,
    syntax::{Function, Operator},
    value::Value,
};
use std::ops::Bound;

/// A `KeyConditionExpression`: one or two conditions on attributes, before the table is known.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyCondition {
    conditions: Vec<(String, SortCondition)>,
}

/// A condition on a sort key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortCondition {
    /// The key is this value.
    Equal(Value),
    /// The key is below this value.
    Less(Value),
    /// The key is this value or below.
    LessOrEqual(Value),
    /// The key is above this value.
    Greater(Value),
    /// The key is this value or above.
    GreaterOrEqual(Value),
    /// The key is in this range, both ends included.
    Between(Value, Value),
    /// The key starts with this text or these bytes.
    BeginsWith(Value),
}

/// What a query reads of one table or index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    /// The value of the partition key.
    pub partition: Value,
    /// The condition on the sort key, if there is one.
    pub sort: Option<SortCondition>,
}

impl KeyCondition {
    /// Parses and checks a key condition with the names and values of its request.
    ///
    /// # Errors
    /// [`Error::Expression`] and [`Error::KeyCondition`].
    pub fn parse(text: &str, bindings: &mut Bindings) -> Result<Self, Error> {
        let node = condition::parse(text, bindings).map_err(|p| p.of(Kind::KeyCondition))?;
        let mut conditions = Vec::new();
        collect(node, &mut conditions)?;
        if conditions.len() > 2 {
            return Err(Refused::TooMany.into());
        }
        Ok(Self { conditions })
    }

    /// The range of keys for a table or index with this key.
    ///
    /// # Errors
    /// [`Error::KeyCondition`] when the conditions do not fit the key.
    pub fn range(&self, schema: &KeySchema) -> Result<KeyRange, Error> {
        if schema.sort.is_none() && self.conditions.len() > 1 {
            return Err(Refused::NotSupported.into());
        }
        let partition = match self.for_key(&schema.partition)? {
            None => return Err(Refused::Missed(schema.partition.name.clone()).into()),
            Some(SortCondition::Equal(value)) => value.clone(),
            Some(_) => return Err(Refused::NotSupported.into()),
        };
        let sort = match &schema.sort {
            None => None,
            Some(key) => {
                let condition = self.for_key(key)?.cloned();
                if condition.is_none() && self.conditions.len() > 1 {
                    return Err(Refused::Missed(key.name.clone()).into());
                }
                condition
            }
        };
        Ok(KeyRange { partition, sort })
    }

    fn for_key(&self, key: &KeyAttribute) -> Result<Option<&SortCondition>, Error> {
        let condition = self.conditions.iter().find(|(name, _)| *name == key.name);
        let Some((_, condition)) = condition else { return Ok(None) };
        let wanted = key.key_type.value_type();
        if condition.values().any(|value| value.value_type() != wanted) {
            return Err(Refused::Type.into());
        }
        Ok(Some(condition))
    }
}

impl SortCondition {
    fn values(&self) -> impl Iterator<Item = &Value> {
        let (one, two) = match self {
            Self::Equal(one)
            | Self::Less(one)
            | Self::LessOrEqual(one)
            | Self::Greater(one)
            | Self::GreaterOrEqual(one)
            | Self::BeginsWith(one) => (one, None),
            Self::Between(one, two) => (one, Some(two)),
        };
        std::iter::once(one).chain(two)
    }

    /// Whether a sort key meets the condition.
    #[must_use]
    pub fn matches(&self, key: &Value) -> bool {
        let within = |bytes: Vec<u8>| {
            use std::ops::RangeBounds;
            self.range().contains(&bytes)
        };
        let same_type = self.values().all(|value| value.value_type() == key.value_type());
        same_type && encode_key(key).is_some_and(within)
    }

    /// The keys that meet the condition as a range of what [`encode_key`] makes of them.
    #[must_use]
    pub fn range(&self) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
        let bytes = |value: &Value| encode_key(value).unwrap_or_default();
        match self {
            Self::Equal(v) => (Bound::Included(bytes(v)), Bound::Included(bytes(v))),
            Self::Less(v) => (Bound::Unbounded, Bound::Excluded(bytes(v))),
            Self::LessOrEqual(v) => (Bound::Unbounded, Bound::Included(bytes(v))),
            Self::Greater(v) => (Bound::Excluded(bytes(v)), Bound::Unbounded),
            Self::GreaterOrEqual(v) => (Bound::Included(bytes(v)), Bound::Unbounded),
            Self::Between(low, high) => (Bound::Included(bytes(low)), Bound::Included(bytes(high))),
            Self::BeginsWith(v) => {
                let start = bytes(v);
                let end = behind_prefix(&start).map_or(Bound::Unbounded, Bound::Excluded);
                (Bound::Included(start), end)
            }
        }
    }
}

/// The first bytes behind everything that starts with the prefix, if there are any.
fn behind_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|&byte| byte != 0xFF)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

/// Takes a condition apart, in the order of DynamoDB's checks.
fn collect(node: Node, conditions: &mut Vec<(String, SortCondition)>) -> Result<(), Refused> {
    let (leaf_name, operands, leaf) = match node {
        Node::And(parts) => {
            return parts.into_iter().try_for_each(|part| collect(part, conditions));
        }
        Node::Or(_) => return Err(Refused::Operator("OR".to_owned())),
        Node::Not(_) => return Err(Refused::Operator("NOT".to_owned())),
        Node::Leaf(Leaf::Operator(operator, operands)) => match operator {
            Operator::In | Operator::NotEqual => {
                return Err(Refused::Operator(operator.text().to_owned()));
            }
            _ => (operator.text(), operands, Some(operator)),
        },
        Node::Leaf(Leaf::Call(Function::BeginsWith, arguments)) => {
            (Function::BeginsWith.name(), arguments, None)
        }
        Node::Leaf(Leaf::Call(function, _)) => {
            return Err(Refused::Operator(function.name().to_owned()));
        }
    };
    let attribute_first = matches!(operands.first(), Some(Operand::Path(_)));
    if !attribute_first && matches!(leaf, None | Some(Operator::Between)) {
        return Err(Refused::FirstOperand(leaf_name));
    }
    let (name, values) = attribute_and_values(operands)?;
    if conditions.iter().any(|(earlier, _)| *earlier == name) {
        return Err(Refused::AttributeTwice);
    }
    conditions.push((name, sort_condition(leaf, attribute_first, values)?));
    Ok(())
}

fn attribute_and_values(operands: Vec<Operand>) -> Result<(String, Vec<Value>), Refused> {
    let mut name = None;
    let mut values = Vec::new();
    for operand in operands {
        match operand {
            Operand::Path(_) if name.is_some() => return Err(Refused::TwoAttributes),
            Operand::Path(path) if !path.rest().is_empty() => {
                return Err(Refused::NestedAttribute);
            }
            Operand::Path(path) => name = Some(path.attribute),
            Operand::Value(value) => values.push(value),
            Operand::Call(..) => return Err(Refused::NestedOperation),
        }
    }
    Ok((name.ok_or(Refused::NoAttribute)?, values))
}

/// `operator` is `None` for `begins_with`. `:v < a` means `a > :v`.
fn sort_condition(
    operator: Option<Operator>,
    attribute_first: bool,
    values: Vec<Value>,
) -> Result<SortCondition, Refused> {
    let mut values = values.into_iter();
    let mut next = || values.next().ok_or(Refused::NoAttribute);
    let first = next()?;
    Ok(match (operator, attribute_first) {
        (None, _) => SortCondition::BeginsWith(first),
        (Some(Operator::Between), _) => SortCondition::Between(first, next()?),
        (Some(Operator::Less), true) | (Some(Operator::Greater), false) => {
            SortCondition::Less(first)
        }
        (Some(Operator::LessOrEqual), true) | (Some(Operator::GreaterOrEqual), false) => {
            SortCondition::LessOrEqual(first)
        }
        (Some(Operator::Greater), true) | (Some(Operator::Less), false) => {
            SortCondition::Greater(first)
        }
        (Some(Operator::GreaterOrEqual), true) | (Some(Operator::LessOrEqual), false) => {
            SortCondition::GreaterOrEqual(first)
        }
        (Some(Operator::Equal | Operator::NotEqual | Operator::In), _) => {
            SortCondition::Equal(first)
        }
    })
}

#[cfg(test)]
mod tests;
