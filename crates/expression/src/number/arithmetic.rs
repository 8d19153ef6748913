use super::Number;
use crate::error::Error;
use std::ops::Neg;

impl Neg for Number {
    type Output = Self;

    fn neg(self) -> Self {
        Self { negative: !self.negative && self.coefficient != 0, ..self }
    }
}

impl Number {
    /// The exact sum.
    ///
    /// # Errors
    /// [`Error::NumberOverflow`] if it is out of range or needs more than 38 digits (DynamoDB
    /// gives the same text for both), [`Error::NumberUnderflow`] if it is too close to zero.
    pub fn checked_add(self, other: Self) -> Result<Self, Error> {
        if self.coefficient == 0 {
            return Ok(other);
        }
        if other.coefficient == 0 {
            return Ok(self);
        }
        let (high, low) =
            if self.exponent >= other.exponent { (self, other) } else { (other, self) };
        // A coefficient that outgrows 128 bits leaves, beside the last digit of `low`, which is
        // not 0, more than 38 digits whatever the signs are.
        let shift = u32::from(high.exponent.abs_diff(low.exponent));
        let scaled = 10u128
            .checked_pow(shift)
            .and_then(|power| high.coefficient.checked_mul(power))
            .ok_or(Error::NumberOverflow)?;
        let (negative, coefficient) = if high.negative == low.negative {
            let sum = scaled.checked_add(low.coefficient).ok_or(Error::NumberOverflow)?;
            (high.negative, sum)
        } else if scaled >= low.coefficient {
            (high.negative, scaled - low.coefficient)
        } else {
            (low.negative, low.coefficient - scaled)
        };
        Self::normal(negative, coefficient, i64::from(low.exponent)).map_err(|error| match error {
            Error::NumberTooPrecise => Error::NumberOverflow,
            other => other,
        })
    }

    /// The exact difference.
    ///
    /// # Errors
    /// As [`Number::checked_add`].
    pub fn checked_sub(self, other: Self) -> Result<Self, Error> {
        self.checked_add(-other)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::any_number;
    use super::*;
    use proptest::prelude::*;

    fn sum(a: &str, b: &str) -> Result<String, Error> {
        let (a, b): (Number, Number) = (a.parse().unwrap(), b.parse().unwrap());
        a.checked_add(b).map(|n| n.to_string())
    }

    #[test]
    fn sums_are_exact() {
        assert_eq!(sum("1", "10000000000000000000000").unwrap(), "10000000000000000000001");
        assert_eq!(sum("0.1", "0.2").unwrap(), "0.3");
        assert_eq!(sum("-1", "10000000000000000000000").unwrap(), "9999999999999999999999");
        assert_eq!(sum("5", "-5").unwrap(), "0");
        assert_eq!(sum("1.5", "-2").unwrap(), "-0.5");
    }

    #[test]
    fn a_sum_that_does_not_fit_overflows() {
        assert_eq!(sum("9e125", "9e125"), Err(Error::NumberOverflow));
        assert_eq!(sum("1e50", "1"), Err(Error::NumberOverflow));
        assert_eq!(sum("1e50", "-1"), Err(Error::NumberOverflow));
        assert_eq!(sum("1e125", "1e-130"), Err(Error::NumberOverflow));
        assert_eq!(sum("1.1e-130", "-1e-130"), Err(Error::NumberUnderflow));
    }

    proptest! {
        #[test]
        fn small_sums_are_those_of_integers(a in -1_000_000_000_000i64..1_000_000_000_000, b in -1_000_000_000_000i64..1_000_000_000_000) {
            prop_assert_eq!(Number::from(a).checked_add(Number::from(b)).unwrap(), Number::from(a + b));
            prop_assert_eq!(Number::from(a).checked_sub(Number::from(b)).unwrap(), Number::from(a - b));
        }

        #[test]
        fn a_sum_minus_one_part_is_the_other(a in any_number(), b in any_number()) {
            if let Ok(sum) = a.checked_add(b) {
                prop_assert_eq!(sum, b.checked_add(a).unwrap());
                if let Ok(back) = sum.checked_sub(b) {
                    prop_assert_eq!(back, a);
                }
            }
        }
    }
}
