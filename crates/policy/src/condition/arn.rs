use super::{Test, any_of};
use crate::{Context, Malformed, resource::ArnPattern};

/// `ArnEquals` and `ArnLike`, which do the same.
#[derive(Debug)]
pub(super) struct ArnTest(Vec<ArnPattern>);

impl ArnTest {
    pub(super) fn parse(values: &[String], variables: bool, at: &str) -> Result<Self, Malformed> {
        let patterns: Result<_, _> =
            values.iter().map(|value| ArnPattern::parse(value, variables, at)).collect();
        patterns.map(Self)
    }
}

impl Test for ArnTest {
    fn any_matches(&self, value: &str, context: &Context) -> Option<bool> {
        any_of(self.0.iter().map(|pattern| pattern.matches(value, context)))
    }
}
