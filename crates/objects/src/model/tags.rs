//! The rules of tags ("Categorizing your objects using tags").

use crate::{Error, config};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use types::Tags;

/// A tag as documents carry it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// Tags as documents carry them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Tagging {
    #[serde(default)]
    tag_set: Vec<Tag>,
}

impl From<Vec<Tag>> for Tagging {
    fn from(tag_set: Vec<Tag>) -> Self {
        Self { tag_set }
    }
}

impl Tagging {
    pub(crate) fn of(tags: &Tags) -> Self {
        let tag = |(key, value): (&String, &String)| Tag { key: key.clone(), value: value.clone() };
        Self { tag_set: tags.iter().map(tag).collect() }
    }

    /// The tags as the header `x-amz-tagging` has them.
    pub(crate) fn to_header(&self) -> String {
        let write = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pairs: Vec<String> = self
            .tag_set
            .iter()
            .map(|tag| format!("{}={}", write(&tag.key), write(&tag.value)))
            .collect();
        pairs.join("&")
    }

    /// The tags, if they are allowed and at most `limit`.
    pub(crate) fn tags(&self, limit: usize) -> Result<Tags, Error> {
        let tags = self.distinct()?;
        check(&tags, limit)?;
        Ok(tags)
    }

    /// The tags, if no key comes twice.
    pub(crate) fn distinct(&self) -> Result<Tags, Error> {
        let mut tags = Tags::new();
        for Tag { key, value } in &self.tag_set {
            if tags.insert(key.clone(), value.clone()).is_some() {
                return Err(twice());
            }
        }
        Ok(tags)
    }
}

pub(crate) fn twice() -> Error {
    Error::InvalidTag("Cannot provide multiple Tags with the same key".to_owned())
}

/// Checks number, lengths and characters.
pub(crate) fn check(tags: &Tags, limit: usize) -> Result<(), Error> {
    if tags.len() > limit {
        return Err(Error::BadRequest(format!("Object tags cannot be greater than {limit}")));
    }
    for (key, value) in tags {
        if key.starts_with("aws:") {
            let text = "System tags cannot be added/updated by requester";
            return Err(Error::InvalidTag(text.to_owned()));
        }
        if !config::TAG_KEY_CHARS.contains(&key.chars().count()) || !key.chars().all(allowed) {
            return Err(Error::InvalidTag("The TagKey you have provided is invalid".to_owned()));
        }
        if value.chars().count() > config::TAG_VALUE_CHARS || !value.chars().all(allowed) {
            return Err(Error::InvalidTag("The TagValue you have provided is invalid".to_owned()));
        }
    }
    Ok(())
}

fn allowed(c: char) -> bool {
    c.is_alphanumeric() || c == ' ' || "+-=._:/@".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn tags_follow_the_official_rules() {
        assert!(check(&tags(&[("a", ""), ("é 1", "x@y")]), 10).is_ok());
        assert!(check(&tags(&[("aws:a", "")]), 10).is_err());
        assert!(check(&tags(&[("", "x")]), 10).is_err());
        assert!(check(&tags(&[("a", "*")]), 10).is_err());
        assert!(check(&tags(&[("a", ""), ("b", "")]), 1).is_err());
    }
}
