//! Filters of lists.

use super::{Kind, Parameter};
use crate::{Error, config};
use serde::Deserialize;

/// A filter in a request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct FilterInput {
    pub(crate) key: String,
    option: Option<String>,
    #[serde(default)]
    values: Vec<String>,
}

/// A filter of the older form.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct OldFilterInput {
    key: String,
    values: Vec<String>,
}

/// A checked filter: any of its values is enough.
#[derive(Debug, PartialEq)]
pub(crate) enum Filter {
    NameIs(Vec<String>),
    NameBegins(Vec<String>),
    NameContains(Vec<String>),
    Type(Vec<String>),
    KeyId { values: Vec<String>, begins: bool },
    Path { values: Vec<String>, recursive: bool },
    Tier(Vec<String>),
    DataType(Vec<String>),
    Tag { key: String, values: Vec<String> },
}

impl TryFrom<&FilterInput> for Filter {
    type Error = Error;

    fn try_from(input: &FilterInput) -> Result<Self, Error> {
        let option = input.option.as_deref();
        let values = input.values.clone();
        let bad = || {
            let (key, option) = (&input.key, option.unwrap_or_default());
            Err(Error::FilterOption(format!(
                "The following filter option is not valid: {option}. It is not one of those that \
                 the key {key} has."
            )))
        };
        if let Some(key) = input.key.strip_prefix("tag:") {
            let filter = Self::Tag { key: key.to_owned(), values };
            return if matches!(option, None | Some("Equals")) { Ok(filter) } else { bad() };
        }
        if values.is_empty() {
            return Err(Error::FilterValue(
                "The following filter values are missing : null for filter key ".to_owned()
                    + &input.key,
            ));
        }
        match (input.key.as_str(), option) {
            ("Name", None | Some("Equals")) => Ok(Self::NameIs(values)),
            ("Name", Some("BeginsWith")) => Ok(Self::NameBegins(values)),
            ("Name", Some("Contains")) => Ok(Self::NameContains(values)),
            ("Type", None | Some("Equals")) => known(&input.key, values, &TYPES).map(Self::Type),
            ("KeyId", None | Some("Equals")) => Ok(Self::KeyId { values, begins: false }),
            ("KeyId", Some("BeginsWith")) => Ok(Self::KeyId { values, begins: true }),
            ("Path", None | Some("OneLevel")) => path(values, false),
            ("Path", Some("Recursive")) => path(values, true),
            ("Tier", None | Some("Equals")) => known(&input.key, values, &TIERS).map(Self::Tier),
            ("DataType", None | Some("Equals")) => Ok(Self::DataType(values)),
            ("Name" | "Type" | "KeyId" | "Path" | "Tier" | "DataType", Some(_)) => bad(),
            _ => Err(Error::FilterKey(input.key.clone())),
        }
    }
}

const TYPES: [&str; 3] = ["String", "StringList", "SecureString"];
const TIERS: [&str; 3] = ["Standard", "Advanced", "Intelligent-Tiering"];

fn known(key: &str, values: Vec<String>, known: &[&str]) -> Result<Vec<String>, Error> {
    match values.iter().find(|value| !known.contains(&value.as_str())) {
        None => Ok(values),
        Some(value) => Err(Error::FilterValue(format!(
            "The following filter value is not valid: {value}. Valid values of the key {key} \
             include: [{}].",
            known.join(", ")
        ))),
    }
}

fn path(values: Vec<String>, recursive: bool) -> Result<Filter, Error> {
    values.iter().try_for_each(|value| super::check_path(value))?;
    Ok(Filter::Path { values, recursive })
}

impl Filter {
    /// The filter that the older form means.
    pub(crate) fn old(input: &OldFilterInput) -> Self {
        let values = input.values.clone();
        match input.key.as_str() {
            "Type" => Self::Type(values),
            "KeyId" => Self::KeyId { values, begins: false },
            // The model allows no other.
            _ => Self::NameBegins(values),
        }
    }

    /// Whether a parameter passes.
    pub(crate) fn passes(&self, parameter: &Parameter) -> bool {
        let Parameter { name, current, .. } = parameter;
        let any = |values: &[String], is: &dyn Fn(&str) -> bool| values.iter().any(|v| is(v));
        match self {
            Self::NameIs(values) => any(values, &|value| value == name),
            Self::NameBegins(values) => any(values, &|value| {
                name.starts_with(value)
                    || name.strip_prefix('/').is_some_and(|n| n.starts_with(value))
            }),
            Self::NameContains(values) => any(values, &|value| name.contains(value)),
            Self::Type(values) => any(values, &|value| value == current.kind.name()),
            Self::KeyId { values, begins } => {
                current.kind == Kind::SecureString
                    && any(values, &|value| match begins {
                        true => config::KMS_KEY.starts_with(value),
                        false => config::KMS_KEY == value,
                    })
            }
            Self::Path { values, recursive } => {
                any(values, &|path| is_under(name, path, *recursive))
            }
            Self::Tier(values) => any(values, &|value| match value {
                "Intelligent-Tiering" => false,
                value => value == current.tier.name(),
            }),
            Self::DataType(values) => any(values, &|value| value == "text"),
            Self::Tag { key, values } => parameter
                .tags
                .get(key)
                .is_some_and(|found| values.is_empty() || any(values, &|value| value == found)),
        }
    }
}

/// Whether a parameter lies in a hierarchy, or below it at any depth. What has no slash is at the top.
pub(crate) fn is_under(name: &str, path: &str, recursive: bool) -> bool {
    let path = path.strip_suffix('/').unwrap_or(path);
    let below = match (path.is_empty(), name.strip_prefix('/')) {
        (true, rest) => Some(rest.unwrap_or(name)),
        (false, _) => name.strip_prefix(path).and_then(|rest| rest.strip_prefix('/')),
    };
    below.is_some_and(|below| recursive || !below.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::is_under;

    #[test]
    fn a_path_holds_one_level_or_all() {
        assert!(is_under("/a/b", "/a", false) && is_under("/a/b", "/a/", false));
        assert!(!is_under("/a/b/c", "/a", false) && is_under("/a/b/c", "/a", true));
        assert!(!is_under("/ab/c", "/a", true) && !is_under("/a", "/a", true));
        assert!(is_under("x", "/", false) && is_under("/x", "/", false));
        assert!(!is_under("/a/b", "/", false) && is_under("/a/b", "/", true));
    }
}
