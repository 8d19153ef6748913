//! Conditional requests (RFC 9110, section 13; "Conditional requests" in the User Guide).

use super::{Object, Version, quoted};
use crate::Error;
use serde::{Deserialize, Deserializer};
use service::{Fault, Seconds};
use types::Timestamp;

/// The date of a condition. One that cannot be read is as none, as everywhere in HTTP.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Date(Option<Timestamp>);

impl Date {
    pub(crate) fn of(at: Timestamp) -> Self {
        Self(Some(at))
    }

    /// The time, if it could be read.
    pub(crate) fn at(self) -> Option<Timestamp> {
        self.0
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(Self(serde_json::from_value(value).ok().map(|Seconds(at)| at)))
    }
}

/// Conditions on what is read: by `GetObject`, or as the source of a copy.
#[derive(Debug, Default)]
pub(crate) struct ReadConditions<'a> {
    pub(crate) if_match: Option<&'a str>,
    pub(crate) if_none_match: Option<&'a str>,
    pub(crate) if_modified_since: Date,
    pub(crate) if_unmodified_since: Date,
}

/// Whether a list of entity tags names this one.
fn names(list: &str, etag: &str) -> bool {
    let plain = |tag: &str| tag.trim().trim_start_matches("W/").trim_matches('"') == etag;
    list.trim() == "*" || list.split(',').any(plain)
}

impl ReadConditions<'_> {
    /// Which one does not hold, if one does not. The flag is true if the object is merely as the
    /// caller knows it.
    fn broken(&self, object: &Object, modified: Timestamp) -> Option<(&'static str, bool)> {
        let modified = modified.as_secs();
        match (self.if_match, self.if_unmodified_since.0) {
            (Some(list), _) if !names(list, &object.etag) => return Some(("If-Match", false)),
            (None, Some(since)) if modified > since.as_secs() => {
                return Some(("If-Unmodified-Since", false));
            }
            _ => {}
        }
        match (self.if_none_match, self.if_modified_since.0) {
            (Some(list), _) if names(list, &object.etag) => Some(("If-None-Match", true)),
            (None, Some(since)) if modified <= since.as_secs() => Some(("If-Modified-Since", true)),
            _ => None,
        }
    }

    /// Checks them for a read.
    pub(crate) fn check(&self, object: &Object, modified: Timestamp) -> Result<(), Fault> {
        match self.broken(object, modified) {
            None => Ok(()),
            Some((_, true)) => Err(Fault::from(Error::NotModified)
                .header("etag", quoted(&object.etag))
                .header("last-modified", modified.to_http_date())),
            Some((condition, false)) => Err(Error::PreconditionFailed(condition).into()),
        }
    }

    /// Checks them for the source of a copy.
    pub(crate) fn check_source(&self, object: &Object, modified: Timestamp) -> Result<(), Error> {
        match self.broken(object, modified) {
            None => Ok(()),
            Some((condition, _)) => Err(Error::PreconditionFailed(match condition {
                "If-Match" => "x-amz-copy-source-If-Match",
                "If-None-Match" => "x-amz-copy-source-If-None-Match",
                "If-Modified-Since" => "x-amz-copy-source-If-Modified-Since",
                _ => "x-amz-copy-source-If-Unmodified-Since",
            })),
        }
    }
}

/// Checks the conditions of a write on the version that it replaces.
pub(crate) fn check_write(
    current: Option<&Version>,
    key: &str,
    if_match: Option<&str>,
    if_none_match: Option<&str>,
) -> Result<(), Error> {
    let object = current.and_then(|version| version.object.as_ref());
    match (if_match, object) {
        (None, _) => {}
        (Some(_), None) => return Err(Error::NoSuchKey(key.to_owned())),
        (Some(list), Some(object)) if names(list, &object.etag) => {}
        (Some(_), Some(_)) => return Err(Error::PreconditionFailed("If-Match")),
    }
    match (if_none_match, object) {
        (None, _) | (Some("*"), None) => Ok(()),
        (Some("*"), Some(_)) => Err(Error::PreconditionFailed("If-None-Match")),
        (Some(_), _) => Err(Error::NotImplemented(
            "another value than * of If-None-Match in a write".to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Body, Content, Headers};

    fn object() -> Object {
        Object {
            size: 0,
            etag: "abc".to_owned(),
            content: Content::Whole(Body::Empty),
            checksum: None,
            headers: Headers::default(),
            metadata: Default::default(),
            tags: Default::default(),
            lock: Default::default(),
        }
    }

    fn date(seconds: u64) -> Date {
        Date(Some(Timestamp::from_secs(seconds)))
    }

    fn broken(conditions: &ReadConditions<'_>) -> Option<(&'static str, bool)> {
        conditions.broken(&object(), Timestamp::from_millis(10_500))
    }

    #[test]
    fn entity_tags_go_before_dates() {
        let if_match = Some("\"abc\"");
        let both =
            ReadConditions { if_match, if_unmodified_since: date(5), ..ReadConditions::default() };
        assert_eq!(broken(&both), None);
        let if_none_match = Some("\"xyz\"");
        let both = ReadConditions {
            if_none_match,
            if_modified_since: date(20),
            ..ReadConditions::default()
        };
        assert_eq!(broken(&both), None);
    }

    #[test]
    fn each_condition_breaks_by_itself() {
        let none = ReadConditions::default;
        assert!(!broken(&ReadConditions { if_match: Some("x"), ..none() }).unwrap().1);
        assert!(broken(&ReadConditions { if_none_match: Some("*"), ..none() }).unwrap().1);
        // Whole seconds: the header cannot say more.
        let unmodified = ReadConditions { if_unmodified_since: date(10), ..none() };
        assert_eq!(broken(&unmodified), None);
        let modified = ReadConditions { if_modified_since: date(10), ..none() };
        assert_eq!(broken(&modified), Some(("If-Modified-Since", true)));
    }
}
