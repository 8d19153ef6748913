//! Numbers as bytes whose order is the order of the numbers.
//!
//! | sign | bytes |
//! |---|---|
//! | below zero | `01`, then what the positive number has with every bit turned, then `FF` |
//! | zero | `02` |
//! | above zero | `03`, power of ten of the first digit + 130, pairs of digits each + 1 |
//!
//! The first pair starts with the first digit; an odd last digit is followed by a 0. At most 22
//! bytes. The `FF` makes a shorter negative number (a greater one) sort behind its continuation.

use super::{MIN_LEADING, Number};

const NEGATIVE: u8 = 1;
const ZERO: u8 = 2;
const POSITIVE: u8 = 3;
const END_OF_NEGATIVE: u8 = 0xFF;

impl Number {
    /// Its bytes; two numbers compare as their bytes do.
    #[must_use]
    pub fn to_ordered_bytes(self) -> Vec<u8> {
        if self.coefficient == 0 {
            return vec![ZERO];
        }
        let mut bytes = Vec::with_capacity(22);
        bytes.push(POSITIVE);
        bytes.push(u8::try_from(self.leading() - MIN_LEADING).expect("256 magnitudes"));
        let digits = self.coefficient.to_string();
        bytes.extend(digits.as_bytes().chunks(2).map(|pair| {
            let low = pair.get(1).map_or(0, |digit| digit - b'0');
            (pair[0] - b'0') * 10 + low + 1
        }));
        if self.negative {
            bytes[0] = NEGATIVE;
            bytes[1..].iter_mut().for_each(|byte| *byte = !*byte);
            bytes.push(END_OF_NEGATIVE);
        }
        bytes
    }

    /// Reads what [`Number::to_ordered_bytes`] wrote; `None` for any other bytes.
    #[must_use]
    pub fn from_ordered_bytes(bytes: &[u8]) -> Option<Self> {
        let number = match bytes {
            [ZERO] => Self::ZERO,
            [POSITIVE, leading, pairs @ ..] => Self::from_pairs(false, *leading, pairs.to_vec())?,
            [NEGATIVE, leading, pairs @ .., END_OF_NEGATIVE] => {
                Self::from_pairs(true, !leading, pairs.iter().map(|pair| !pair).collect())?
            }
            _ => return None,
        };
        (number.to_ordered_bytes() == bytes).then_some(number)
    }

    fn from_pairs(negative: bool, leading: u8, pairs: Vec<u8>) -> Option<Self> {
        if pairs.is_empty() || pairs.len() > 19 {
            return None;
        }
        let count = i64::try_from(pairs.len()).ok()?;
        let coefficient = pairs.into_iter().try_fold(0u128, |sum, pair| {
            (1..=100).contains(&pair).then(|| sum * 100 + u128::from(pair - 1))
        })?;
        let exponent = i64::from(leading) + MIN_LEADING - (2 * count - 1);
        Self::normal(negative, coefficient, exponent).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::any_number;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_bytes_of_a_number_never_change() {
        for (text, bytes) in [
            ("0", &[2][..]),
            ("1", &[3, 130, 11]),
            ("12.5", &[3, 131, 13, 51]),
            ("-1", &[1, !130, !11, 0xFF]),
            ("1E-130", &[3, 0, 11]),
            ("1E125", &[3, 255, 11]),
        ] {
            assert_eq!(text.parse::<Number>().unwrap().to_ordered_bytes(), bytes, "{text}");
        }
    }

    proptest! {
        #[test]
        fn bytes_are_ordered_as_numbers_are(a in any_number(), b in any_number()) {
            prop_assert_eq!(a.to_ordered_bytes().cmp(&b.to_ordered_bytes()), a.cmp(&b));
        }

        #[test]
        fn near_numbers_keep_their_order_too(a in any_number(), step in any_number()) {
            if let Ok(b) = a.checked_add(step) {
                prop_assert_eq!(a.to_ordered_bytes().cmp(&b.to_ordered_bytes()), a.cmp(&b));
            }
        }

        #[test]
        fn the_bytes_read_back_as_the_same_number(a in any_number()) {
            prop_assert_eq!(Number::from_ordered_bytes(&a.to_ordered_bytes()), Some(a));
        }

        #[test]
        fn other_bytes_are_no_number_or_that_number(bytes in proptest::collection::vec(any::<u8>(), 0..24)) {
            if let Some(number) = Number::from_ordered_bytes(&bytes) {
                prop_assert_eq!(number.to_ordered_bytes(), bytes);
            }
        }
    }
}
