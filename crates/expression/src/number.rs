//! DynamoDB's numbers: exact decimals of up to 38 significant digits, from 1E-130 to just under
//! 1E126 on both sides of zero.

mod arithmetic;
mod encoding;
mod parse;

use crate::error::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{cmp::Ordering, fmt};

/// How many significant digits a number can hold.
pub const MAX_DIGITS: u32 = 38;
const MAX_LEADING: i64 = 125;
const MIN_LEADING: i64 = -130;

/// An exact decimal: its sign and `coefficient * 10^exponent`.
///
/// Always normal, so that equal numbers are equal values: the coefficient ends in a digit other
/// than 0 and has at most 38 of them, zero has no sign and no exponent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Number {
    negative: bool,
    coefficient: u128,
    exponent: i16,
}

impl Number {
    /// Zero.
    pub const ZERO: Self = Self { negative: false, coefficient: 0, exponent: 0 };

    /// How many significant digits it has; 0 for zero.
    #[must_use]
    pub fn digits(self) -> u32 {
        self.coefficient.checked_ilog10().map_or(0, |log| log + 1)
    }

    /// Whether it is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.negative
    }

    /// The power of ten of its first digit.
    fn leading(self) -> i64 {
        i64::from(self.exponent) + i64::from(self.digits()) - 1
    }

    /// Brings any coefficient and exponent to the normal form, or says why they have none.
    fn normal(negative: bool, mut coefficient: u128, mut exponent: i64) -> Result<Self, Error> {
        if coefficient == 0 {
            return Ok(Self::ZERO);
        }
        while coefficient.is_multiple_of(10) {
            coefficient /= 10;
            exponent += 1;
        }
        let digits = coefficient.ilog10() + 1;
        let leading = exponent + i64::from(digits) - 1;
        if leading > MAX_LEADING {
            return Err(Error::NumberOverflow);
        }
        if leading < MIN_LEADING {
            return Err(Error::NumberUnderflow);
        }
        if digits > MAX_DIGITS {
            return Err(Error::NumberTooPrecise);
        }
        let exponent = i16::try_from(exponent).expect("bounded by the range of magnitudes");
        Ok(Self { negative, coefficient, exponent })
    }

    /// The coefficient scaled to exactly 38 digits, so that two of one magnitude compare.
    fn aligned(self) -> u128 {
        self.coefficient * 10u128.pow(MAX_DIGITS - self.digits())
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |n: &Self| match (n.coefficient, n.negative) {
            (0, _) => 0,
            (_, true) => -1,
            (_, false) => 1,
        };
        sign(self).cmp(&sign(other)).then_with(|| {
            if self.coefficient == 0 {
                return Ordering::Equal;
            }
            let magnitude = self
                .leading()
                .cmp(&other.leading())
                .then_with(|| self.aligned().cmp(&other.aligned()));
            if self.negative { magnitude.reverse() } else { magnitude }
        })
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self::normal(false, u128::from(value), 0).expect("20 digits are in range")
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self::normal(value < 0, u128::from(value.unsigned_abs()), 0)
            .expect("19 digits are in range")
    }
}

/// The canonical text, as DynamoDB returns it: a plain decimal without an exponent, without zeros
/// that say nothing.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negative {
            f.write_str("-")?;
        }
        let digits = self.coefficient.to_string();
        let Ok(fraction) = usize::try_from(-i32::from(self.exponent)) else {
            let zeros = usize::try_from(self.exponent).expect("not negative here");
            return write!(f, "{digits}{:0<zeros$}", "");
        };
        if fraction == 0 {
            f.write_str(&digits)
        } else if fraction < digits.len() {
            let (whole, rest) = digits.split_at(digits.len() - fraction);
            write!(f, "{whole}.{rest}")
        } else {
            write!(f, "0.{digits:0>fraction$}")
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn any_number() -> impl Strategy<Value = Number> {
        (any::<bool>(), 0u128..10u128.pow(38), 1u32..=38, -130i64..=125).prop_map(
            |(negative, coefficient, digits, leading)| {
                let coefficient = coefficient / 10u128.pow(38 - digits);
                let digits = coefficient.checked_ilog10().map_or(0, |log| i64::from(log) + 1);
                Number::normal(negative, coefficient, leading - digits + 1).unwrap()
            },
        )
    }

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn a_number_is_written_plain_and_without_idle_zeros() {
        for (text, canonical) in [
            ("0", "0"),
            ("-0", "0"),
            ("0e1000", "0"),
            ("+3", "3"),
            (".123", "0.123"),
            ("0001.2300", "1.23"),
            ("1e+5", "100000"),
            ("-17.4E3", "-17400"),
            ("12e-1", "1.2"),
            ("1E-3", "0.001"),
            ("100", "100"),
        ] {
            assert_eq!(number(text).to_string(), canonical, "{text}");
        }
        assert_eq!(number("1E125").to_string(), format!("1{}", "0".repeat(125)));
        assert_eq!(number("1E-130").to_string(), format!("0.{}1", "0".repeat(129)));
    }

    #[test]
    fn numbers_are_ordered_by_value() {
        let sorted = ["-9E125", "-10", "-9.5", "-1E-130", "0", "1E-130", "0.5", "9", "10", "9E125"];
        for pair in sorted.windows(2) {
            assert!(number(pair[0]) < number(pair[1]), "{pair:?}");
        }
    }

    proptest! {
        #[test]
        fn the_text_of_a_number_reads_back_as_the_same_number(n in any_number()) {
            prop_assert_eq!(n.to_string().parse::<Number>().unwrap(), n);
        }

        #[test]
        fn small_numbers_compare_like_integers(a in any::<i64>(), b in any::<i64>()) {
            prop_assert_eq!(Number::from(a).cmp(&Number::from(b)), a.cmp(&b));
        }
    }
}
