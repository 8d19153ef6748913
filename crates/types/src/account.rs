use crate::ParseError;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, sync::Arc};

/// An account: 12 digits, the outermost owner of everything.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(Arc<str>);

/// A region name such as `us-east-1`: lower-case letters, digits and hyphens, at most 32 bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(Arc<str>);

impl FromStr for AccountId {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.into()))
        } else {
            Err(ParseError::new(text, "an account id of 12 digits"))
        }
    }
}

impl FromStr for Region {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !text.is_empty() && text.len() <= 32 && text.bytes().all(fits) {
            Ok(Self(text.into()))
        } else {
            Err(ParseError::new(text, "a region name of lower-case letters, digits and hyphens"))
        }
    }
}

macro_rules! text_type {
    ($name:ident) => {
        impl $name {
            /// The value as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl TryFrom<String> for $name {
            type Error = ParseError;
            fn try_from(text: String) -> Result<Self, ParseError> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0.as_ref().to_owned()
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_type!(AccountId);
text_type!(Region);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_exactly_twelve_digits() {
        assert!("123456789012".parse::<AccountId>().is_ok());
        for bad in ["", "12345678901", "1234567890123", "12345678901a"] {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_region_has_no_upper_case_and_no_separators() {
        assert!("eu-central-1".parse::<Region>().is_ok());
        for bad in ["", "EU", "a:b", "a b"] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }
}
