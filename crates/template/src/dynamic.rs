//! Dynamic references: `{{resolve:ssm:name}}`, values that the caller looks up in another service.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::error::{Error, Kind, Result};

const START: &str = "{{resolve:";
const END: &str = "}}";
/// The one service that is looked into.
const SSM: &str = "ssm:";

/// How the name begins of what is unknown because a dynamic reference was not looked up.
pub const UNKNOWN: &str = "resolve:";

/// The refusal of a dynamic reference to another service, if the text has one.
pub(crate) fn refused(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some(start) = rest.find(START) {
        let inner = &rest[start + START.len()..];
        if !inner.starts_with(SSM) && !SSM.starts_with(inner) {
            return Some(text);
        }
        rest = inner;
    }
    None
}

/// Puts the values of the dynamic references into `value`. What `known` does not have is an error;
/// without `known`, each of them is added to `unknown`.
pub(crate) fn resolve(
    value: Value,
    known: Option<&BTreeMap<String, String>>,
    unknown: &mut BTreeSet<String>,
) -> Result<Value> {
    Ok(match value {
        Value::String(text) if text.contains(START) => {
            Value::String(resolve_text(&text, known, unknown)?)
        }
        Value::Array(items) => {
            let items = items.into_iter().map(|item| resolve(item, known, unknown));
            Value::Array(items.collect::<Result<_>>()?)
        }
        Value::Object(members) => {
            let members = members
                .into_iter()
                .map(|(name, member)| Ok((name, resolve(member, known, unknown)?)));
            Value::Object(members.collect::<Result<Map<_, _>>>()?)
        }
        other => other,
    })
}

fn resolve_text(
    text: &str,
    known: Option<&BTreeMap<String, String>>,
    unknown: &mut BTreeSet<String>,
) -> Result<String> {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(start) = rest.find(START) {
        out.push_str(&rest[..start]);
        let inner = &rest[start + START.len()..];
        let end = inner.find(END).ok_or_else(|| wrong(text))?;
        let reference = &inner[..end];
        let name = reference.strip_prefix(SSM).ok_or_else(|| not_supported(text))?;
        if name.contains("{{") {
            let what = format!("{text}, of which a part is known only once a resource exists,");
            return Err(not_supported(&what));
        }
        if !is_name(name) {
            return Err(wrong(text));
        }
        match known {
            Some(known) => {
                let missing =
                    || Error::value(format!("Parameters: [{reference}] cannot be found."));
                out.push_str(known.get(name).ok_or_else(missing)?);
            }
            None => {
                out.push_str(&format!("{{{{unknown:{UNKNOWN}{reference}}}}}"));
                unknown.insert(format!("{UNKNOWN}{name}"));
            }
        }
        rest = &inner[end + END.len()..];
    }
    out.push_str(rest);
    Ok(out)
}

/// A name with a version behind it, or without.
fn is_name(text: &str) -> bool {
    let (name, version) = text.split_once(':').map_or((text, "1"), |(name, v)| (name, v));
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
    let is_number = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    !name.is_empty() && name.chars().all(allowed) && is_number
}

fn not_supported(what: &str) -> Error {
    let message = format!("The dynamic reference {what} is not supported");
    Error { kind: Kind::Refused, message, at: None }
}

fn wrong(text: &str) -> Error {
    Error::value(format!("Incorrect format is used in the following SSM reference: [{text}]"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_are_found_and_replaced_anywhere_in_a_value() {
        let value = json!({"A": ["x {{resolve:ssm:/a/b:3}}-{{resolve:ssm:c}}!", 1], "B": "{{x}}"});
        let mut unknown = BTreeSet::new();
        resolve(value.clone(), None, &mut unknown).unwrap();
        let names = ["resolve:/a/b:3", "resolve:c"].map(str::to_owned);
        assert_eq!(unknown, names.into());
        let known = [("/a/b:3", "{{resolve:ssm:never}}"), ("c", "2")];
        let known = known.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let resolved = resolve(value, Some(&known), &mut unknown).unwrap();
        assert_eq!(resolved, json!({"A": ["x {{resolve:ssm:never}}-2!", 1], "B": "{{x}}"}));
    }

    #[test]
    fn what_cannot_be_looked_up_is_an_error() {
        for (text, message) in [
            ("{{resolve:ssm:a}}", "Parameters: [ssm:a] cannot be found."),
            ("{{resolve:ssm:a b}}", "Incorrect format"),
            ("{{resolve:ssm:a:}}", "Incorrect format"),
            ("{{resolve:ssm:", "Incorrect format"),
            ("{{resolve:ssm-secure:a}}", "The dynamic reference"),
            ("{{resolve:ssm:{{unknown:A}}}}", "The dynamic reference"),
        ] {
            let error = resolve(json!(text), Some(&BTreeMap::new()), &mut BTreeSet::new());
            let error = error.unwrap_err().message;
            assert!(error.starts_with(message), "{text}: {error}");
        }
    }

    #[test]
    fn other_services_are_seen_in_the_text() {
        assert_eq!(refused("a {{resolve:ssm:b}}"), None);
        assert_eq!(refused("{{resolve:"), None, "the rest may come from a function");
        assert!(refused("{{resolve:ssm:b}} {{resolve:secretsmanager:c}}").is_some());
        assert!(refused("{{resolve:ssm-secure:c}}").is_some());
    }
}
