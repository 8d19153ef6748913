use crate::{AccountId, ParseError, Region};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// An Amazon Resource Name, `arn:partition:service:region:account:resource`.
///
/// Region and account may be empty (`arn:aws:s3:::bucket`); the partition is always `aws`. The
/// resource part may hold further colons and slashes: its meaning belongs to the service.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Arn {
    text: String,
    /// Offsets of the colons behind service, region and account.
    colons: [u16; 3],
}

const PREFIX: &str = "arn:aws:";
/// Longer texts are no ARN: the longest official limit is 2,048 characters.
const MAX_BYTES: usize = 2048;

impl Arn {
    /// The ARN of a resource that lives in one account and region.
    #[must_use]
    pub fn new(service: &str, region: &Region, account: &AccountId, resource: &str) -> Self {
        Self::from_parts(service, region.as_str(), account.as_str(), resource)
    }

    /// The ARN of a resource without a region, such as a role or a user.
    #[must_use]
    pub fn global(service: &str, account: &AccountId, resource: &str) -> Self {
        Self::from_parts(service, "", account.as_str(), resource)
    }

    fn from_parts(service: &str, region: &str, account: &str, resource: &str) -> Self {
        let service_end = PREFIX.len() + service.len();
        let region_end = service_end + 1 + region.len();
        let account_end = region_end + 1 + account.len();
        Self {
            text: format!("{PREFIX}{service}:{region}:{account}:{resource}"),
            colons: [service_end as u16, region_end as u16, account_end as u16],
        }
    }

    /// The whole ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The service namespace: `sqs`, `lambda`, `iam`.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.text[PREFIX.len()..self.colons[0] as usize]
    }

    /// The region, empty for global resources.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.text[self.colons[0] as usize + 1..self.colons[1] as usize]
    }

    /// The account, empty where the name alone is unique.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.text[self.colons[1] as usize + 1..self.colons[2] as usize]
    }

    /// Everything behind the account.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.text[self.colons[2] as usize + 1..]
    }
}

impl FromStr for Arn {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let error = || ParseError::new(text, "an ARN (arn:aws:service:region:account:resource)");
        if text.len() > MAX_BYTES {
            return Err(error());
        }
        let rest = text.strip_prefix(PREFIX).ok_or_else(error)?;
        let mut parts = rest.splitn(4, ':');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(service), Some(region), Some(account), Some(resource))
                if !service.is_empty() && !resource.is_empty() =>
            {
                Ok(Self::from_parts(service, region, account, resource))
            }
            _ => Err(error()),
        }
    }
}

impl TryFrom<String> for Arn {
    type Error = ParseError;
    fn try_from(text: String) -> Result<Self, ParseError> {
        text.parse()
    }
}

impl From<Arn> for String {
    fn from(arn: Arn) -> String {
        arn.text
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_gives_back_its_parts() {
        let arn: Arn = "arn:aws:lambda:us-east-1:000000000000:function:hello:1".parse().unwrap();
        assert_eq!(arn.service(), "lambda");
        assert_eq!(arn.region(), "us-east-1");
        assert_eq!(arn.account(), "000000000000");
        assert_eq!(arn.resource(), "function:hello:1");
        let built = Arn::new(
            "lambda",
            &"us-east-1".parse().unwrap(),
            &"000000000000".parse().unwrap(),
            "function:hello:1",
        );
        assert_eq!(arn, built);
    }

    #[test]
    fn empty_region_and_account_are_kept() {
        let arn: Arn = "arn:aws:s3:::bucket/key:with:colons".parse().unwrap();
        assert_eq!((arn.region(), arn.account()), ("", ""));
        assert_eq!(arn.resource(), "bucket/key:with:colons");
    }

    #[test]
    fn texts_that_are_no_arn_are_refused() {
        for bad in ["", "arn:aws:", "arn:aws:s3:::", "arn:other:s3:::b", "queue"] {
            assert!(bad.parse::<Arn>().is_err(), "{bad}");
        }
        assert!(format!("arn:aws:s3:::{}", "x".repeat(MAX_BYTES)).parse::<Arn>().is_err());
    }
}
