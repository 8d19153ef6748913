use super::{Test, any_of};
use crate::{
    Context, Malformed,
    pattern::{Pattern, Syntax},
};

/// `StringEquals`, `StringEqualsIgnoreCase`, `StringLike` and their negations.
#[derive(Debug)]
pub(super) struct StringTest {
    patterns: Vec<Pattern>,
    ignores_case: bool,
}

impl StringTest {
    pub(super) fn equals(values: &[String], variables: bool, at: &str) -> Result<Self, Malformed> {
        Self::parse(values, Syntax { wildcards: false, variables }, false, at)
    }

    pub(super) fn ignoring_case(
        values: &[String],
        variables: bool,
        at: &str,
    ) -> Result<Self, Malformed> {
        Self::parse(values, Syntax { wildcards: false, variables }, true, at)
    }

    pub(super) fn like(values: &[String], variables: bool, at: &str) -> Result<Self, Malformed> {
        Self::parse(values, Syntax { wildcards: true, variables }, false, at)
    }

    fn parse(
        values: &[String],
        syntax: Syntax,
        ignores_case: bool,
        at: &str,
    ) -> Result<Self, Malformed> {
        let patterns: Result<_, _> =
            values.iter().map(|value| Pattern::parse(value, syntax, at)).collect();
        Ok(Self { patterns: patterns?, ignores_case })
    }
}

impl Test for StringTest {
    fn any_matches(&self, value: &str, context: &Context) -> Option<bool> {
        if self.ignores_case {
            let value = value.to_lowercase();
            return any_of(
                self.patterns.iter().map(|pattern| {
                    pattern.resolve(context).map(|text| text.to_lowercase() == value)
                }),
            );
        }
        any_of(self.patterns.iter().map(|pattern| pattern.matches(value, context)))
    }
}
