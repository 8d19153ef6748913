use super::{Test, order::Order};
use crate::{Context, Malformed};

/// `NumericEquals` and its kin, on integers and decimals.
#[derive(Debug)]
pub(super) struct NumericTest {
    order: Order,
    values: Vec<f64>,
}

impl NumericTest {
    pub(super) fn parse(order: Order, values: &[String], at: &str) -> Result<Self, Malformed> {
        let number = |text: &String| {
            read(text).ok_or_else(|| Malformed::new(at, format!("{text:?} is not a number.")))
        };
        let values: Result<_, _> = values.iter().map(number).collect();
        Ok(Self { order, values: values? })
    }
}

fn read(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

impl Test for NumericTest {
    fn any_matches(&self, value: &str, _: &Context) -> Option<bool> {
        let value = read(value)?;
        Some(self.values.iter().any(|limit| self.order.holds(value.total_cmp(limit))))
    }
}
