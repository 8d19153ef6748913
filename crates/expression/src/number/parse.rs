use super::{MAX_DIGITS, MAX_LEADING, MIN_LEADING, Number};
use crate::error::Error;
use std::str::FromStr;

/// The parts of a decimal text: its digits without the point, where the point was, its exponent.
struct Parts<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent: i64,
}

impl<'a> Parts<'a> {
    fn scan(text: &'a str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (negative, bytes) = sign(bytes);
        let (mantissa, exponent) = match bytes.iter().position(|b| matches!(b, b'e' | b'E')) {
            Some(at) => (&bytes[..at], exponent(&bytes[at + 1..])?),
            None => (bytes, 0),
        };
        let (whole, fraction) = match mantissa.iter().position(|&b| b == b'.') {
            Some(at) => (&mantissa[..at], &mantissa[at + 1..]),
            None => (mantissa, &[][..]),
        };
        let plain = whole.iter().chain(fraction).all(u8::is_ascii_digit);
        (plain && !(whole.is_empty() && fraction.is_empty())).then_some(Self {
            negative,
            whole,
            fraction,
            exponent,
        })
    }

    fn digits(&self) -> impl DoubleEndedIterator<Item = (i64, u8)> {
        let weight = i64::try_from(self.whole.len()).unwrap_or(i64::MAX) - 1;
        let whole = self.whole.iter().enumerate();
        let fraction = self.fraction.iter().enumerate();
        let behind = self.whole.len();
        whole
            .chain(fraction.map(move |(at, digit)| (at + behind, digit)))
            .map(move |(at, &digit)| (weight - i64::try_from(at).unwrap_or(i64::MAX), digit - b'0'))
    }
}

fn sign(bytes: &[u8]) -> (bool, &[u8]) {
    match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, bytes),
    }
}

/// Far exponents all mean the same (out of range), so they stop growing at a billion.
fn exponent(bytes: &[u8]) -> Option<i64> {
    let (negative, digits) = sign(bytes);
    if digits.is_empty() {
        return None;
    }
    let mut value = 0i64;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = (value * 10 + i64::from(digit - b'0')).min(1_000_000_000);
    }
    Some(if negative { -value } else { value })
}

/// Reads a decimal with an optional sign, point and exponent.
///
/// # Errors
/// [`Error::NumberMissing`], [`Error::NotNumeric`], [`Error::NumberOverflow`],
/// [`Error::NumberUnderflow`] and [`Error::NumberTooPrecise`].
impl FromStr for Number {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::NumberMissing);
        }
        let parts = Parts::scan(text).ok_or_else(|| Error::NotNumeric(text.to_owned()))?;
        let Some((first, _)) = parts.digits().find(|(_, digit)| *digit != 0) else {
            return Ok(Self::ZERO);
        };
        let last =
            parts.digits().rfind(|(_, digit)| *digit != 0).map_or(first, |(weight, _)| weight);
        if first + parts.exponent > MAX_LEADING {
            return Err(Error::NumberOverflow);
        }
        if first + parts.exponent < MIN_LEADING {
            return Err(Error::NumberUnderflow);
        }
        if first - last >= i64::from(MAX_DIGITS) {
            return Err(Error::NumberTooPrecise);
        }
        let coefficient = parts
            .digits()
            .filter(|(weight, _)| (last..=first).contains(weight))
            .fold(0, |sum, (_, digit)| sum * 10 + u128::from(digit));
        Self::normal(parts.negative, coefficient, last + parts.exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_not_a_decimal_is_refused_with_its_text() {
        for text in [
            "NaN",
            "Infinity",
            "-Infinity",
            "dog",
            " 1",
            "1 ",
            ".",
            "-",
            "1e",
            "1e+",
            "1.2.3",
            "e5",
        ] {
            assert_eq!(text.parse::<Number>(), Err(Error::NotNumeric(text.to_owned())), "{text}");
        }
        assert_eq!("".parse::<Number>(), Err(Error::NumberMissing));
        assert_eq!(
            "dog".parse::<Number>().unwrap_err().to_string(),
            "The parameter cannot be converted to a numeric value: dog"
        );
    }

    #[test]
    fn the_range_ends_where_dynamodb_ends_it() {
        for text in ["9.9999999999999999999999999999999999999E+125", "1E-130", "-1E125"] {
            assert!(text.parse::<Number>().is_ok(), "{text}");
        }
        for text in ["1e126", "11e125", "-1e126", "1e999999999999999999999"] {
            assert_eq!(text.parse::<Number>(), Err(Error::NumberOverflow), "{text}");
        }
        for text in ["1e-131", "0.9e-130", "-1e-131", "1e-99999999999999"] {
            assert_eq!(text.parse::<Number>(), Err(Error::NumberUnderflow), "{text}");
        }
    }

    #[test]
    fn a_39th_significant_digit_is_refused() {
        for text in [
            "3.14159265358979323846264338327950288419",
            "314159265358979323846.264338327950288419",
            "314159265358979323846264338327950288419e30",
        ] {
            assert_eq!(text.parse::<Number>(), Err(Error::NumberTooPrecise), "{text}");
        }
        let padded = format!("000{}000.000", "9".repeat(38));
        assert!(padded.parse::<Number>().is_ok());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "[-+0-9.eE x]{0,60}") {
            let _ = text.parse::<Number>();
        }
    }
}
