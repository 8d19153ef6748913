use super::Test;
use crate::{Context, Malformed};
use base64::{Engine, prelude::BASE64_STANDARD};

/// `BinaryEquals`: both sides are base64.
#[derive(Debug)]
pub(super) struct BinaryTest(Vec<Vec<u8>>);

impl BinaryTest {
    pub(super) fn parse(values: &[String], at: &str) -> Result<Self, Malformed> {
        let bytes = |text: &String| {
            let refuse = |_| Malformed::new(at, format!("{text:?} is not base64."));
            BASE64_STANDARD.decode(text).map_err(refuse)
        };
        let values: Result<_, _> = values.iter().map(bytes).collect();
        values.map(Self)
    }
}

impl Test for BinaryTest {
    fn any_matches(&self, value: &str, _: &Context) -> Option<bool> {
        let value = BASE64_STANDARD.decode(value).ok()?;
        Some(self.0.contains(&value))
    }
}
