use super::Test;
use crate::{Context, Malformed};

/// `Bool`.
#[derive(Debug)]
pub(super) struct BooleanTest(Vec<bool>);

impl BooleanTest {
    pub(super) fn parse(values: &[String], at: &str) -> Result<Self, Malformed> {
        let value = |text: &String| {
            read(text).ok_or_else(|| Malformed::new(at, format!("{text:?} is not true or false.")))
        };
        let values: Result<_, _> = values.iter().map(value).collect();
        values.map(Self)
    }
}

impl From<BooleanTest> for Vec<bool> {
    fn from(test: BooleanTest) -> Self {
        test.0
    }
}

fn read(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else {
        text.eq_ignore_ascii_case("false").then_some(false)
    }
}

impl Test for BooleanTest {
    fn any_matches(&self, value: &str, _: &Context) -> Option<bool> {
        read(value).map(|value| self.0.contains(&value))
    }
}
