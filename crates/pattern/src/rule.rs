//! What one value may be.

use serde_json::Value;
use std::net::IpAddr;

/// One member of the list in the place of a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Rule {
    /// A string, number, boolean or null.
    Equals(Value),
    Text(Text),
    /// None of these.
    AnythingBut(Vec<Rule>),
    /// All of these bounds.
    Numeric(Vec<(Comparison, f64)>),
    Exists(bool),
    Cidr(Cidr),
}

/// What a string may be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Text {
    EqualsIgnoreCase(String),
    Prefix(String),
    PrefixIgnoreCase(String),
    Suffix(String),
    SuffixIgnoreCase(String),
    /// What stands between stars.
    Wildcard(Vec<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A block of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cidr {
    pub(crate) network: IpAddr,
    pub(crate) bits: u32,
}

impl Rule {
    /// Whether a field of an event matches, which may be absent, or an array of values.
    pub(crate) fn matches_field(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Exists(wanted), value) => *wanted == value.is_some_and(has_value),
            (_, Some(Value::Array(array))) => {
                array.iter().any(|element| self.matches_field(Some(element)))
            }
            (_, Some(value)) => self.matches(value),
            (_, None) => false,
        }
    }

    fn matches(&self, value: &Value) -> bool {
        if value.is_object() {
            return false;
        }
        match self {
            // 300 and 3.0e2 are one number.
            Self::Equals(Value::Number(wanted)) => {
                value.as_number().is_some_and(|value| wanted.as_f64() == value.as_f64())
            }
            Self::Equals(wanted) => wanted == value,
            Self::Text(text) => value.as_str().is_some_and(|value| text.matches(value)),
            Self::AnythingBut(rules) => !rules.iter().any(|rule| rule.matches(value)),
            Self::Numeric(bounds) => value.as_f64().is_some_and(|value| {
                bounds.iter().all(|(comparison, bound)| comparison.holds(value, *bound))
            }),
            Self::Cidr(cidr) => {
                let address = value.as_str().and_then(|text| text.parse().ok());
                address.is_some_and(|address| cidr.contains(address))
            }
            Self::Exists(_) => false,
        }
    }
}

/// Objects are no values, but places of some, and so are arrays.
fn has_value(value: &Value) -> bool {
    match value {
        Value::Object(_) => false,
        Value::Array(array) => array.iter().any(has_value),
        _ => true,
    }
}

impl Text {
    fn matches(&self, value: &str) -> bool {
        match self {
            Self::EqualsIgnoreCase(wanted) => same(wanted.chars(), value.chars(), Whole::Both),
            Self::Prefix(prefix) => value.starts_with(prefix),
            Self::PrefixIgnoreCase(prefix) => same(prefix.chars(), value.chars(), Whole::First),
            Self::Suffix(suffix) => value.ends_with(suffix),
            Self::SuffixIgnoreCase(suffix) => {
                same(suffix.chars().rev(), value.chars().rev(), Whole::First)
            }
            Self::Wildcard(parts) => match_wildcard(parts, value),
        }
    }
}

/// What must have been compared to its end.
#[derive(PartialEq)]
enum Whole {
    First,
    Both,
}

/// Whether two texts are the same but for the case of their letters. It reads no more of the second
/// one than there is of the first: a value may be a mebibyte.
fn same(
    first: impl Iterator<Item = char>,
    mut second: impl Iterator<Item = char>,
    whole: Whole,
) -> bool {
    for wanted in first {
        let Some(found) = second.next() else { return false };
        if found != wanted && !found.to_lowercase().eq(wanted.to_lowercase()) {
            return false;
        }
    }
    whole == Whole::First || second.next().is_none()
}

/// The first part begins the value and the last one ends it; the others follow each other, each at
/// the first place that it fits.
fn match_wildcard(parts: &[String], value: &str) -> bool {
    let [first, middle @ .., last] = parts else {
        return parts.first().is_some_and(|only| only == value);
    };
    let Some(mut rest) = value.strip_prefix(first.as_str()) else { return false };
    for part in middle {
        let Some(at) = rest.find(part.as_str()) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last.as_str())
}

impl Comparison {
    #[allow(clippy::float_cmp, reason = "`=` means equal")]
    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Equal => value == bound,
            Self::Less => value < bound,
            Self::LessOrEqual => value <= bound,
            Self::Greater => value > bound,
            Self::GreaterOrEqual => value >= bound,
        }
    }
}

impl Cidr {
    fn contains(self, address: IpAddr) -> bool {
        match (self.network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = u32::BITS - self.bits;
                let part = |it: u32| it.checked_shr(shift).unwrap_or(0);
                part(network.to_bits()) == part(address.to_bits())
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let shift = u128::BITS - self.bits;
                let part = |it: u128| it.checked_shr(shift).unwrap_or(0);
                part(network.to_bits()) == part(address.to_bits())
            }
            _ => false,
        }
    }
}
