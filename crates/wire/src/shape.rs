//! The shapes of a service model.

use regex::Regex;
use serde::Deserialize;
use std::{collections::HashMap, sync::OnceLock};

/// A reference to a shape, with what the place of use adds.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShapeRef {
    pub(crate) shape: String,
    pub(crate) location: Option<Location>,
    pub(crate) location_name: Option<String>,
    pub(crate) query_name: Option<String>,
    pub(crate) result_wrapper: Option<String>,
    #[serde(default)]
    pub(crate) flattened: bool,
    /// A blob that is the body, and need not be in memory at once.
    #[serde(default)]
    pub(crate) streaming: bool,
    /// An attribute of its structure's element, not an element inside.
    #[serde(default)]
    pub(crate) xml_attribute: bool,
}

/// The namespace that an element declares for its attributes.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct AttributeNamespace {
    pub(crate) prefix: Option<String>,
    pub(crate) uri: String,
}

/// Where a REST protocol puts a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Location {
    Uri,
    Querystring,
    Header,
    Headers,
    StatusCode,
}

/// The kinds of shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ShapeType {
    Structure,
    List,
    Map,
    String,
    Character,
    Integer,
    Long,
    Short,
    Byte,
    Float,
    Double,
    Boolean,
    Timestamp,
    Blob,
}

/// A shape with its constraints.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) kind: ShapeType,
    #[serde(default)]
    pub(crate) members: HashMap<String, ShapeRef>,
    #[serde(default)]
    pub(crate) required: Vec<String>,
    pub(crate) member: Option<ShapeRef>,
    pub(crate) key: Option<ShapeRef>,
    pub(crate) value: Option<ShapeRef>,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) pattern: Option<String>,
    #[serde(rename = "enum", default)]
    pub(crate) values: Vec<String>,
    pub(crate) payload: Option<String>,
    pub(crate) query_name: Option<String>,
    #[serde(default)]
    pub(crate) flattened: bool,
    pub(crate) error: Option<ErrorTrait>,
    pub(crate) timestamp_format: Option<TimestampFormat>,
    /// The name of the root element, where the shape is a document.
    pub(crate) location_name: Option<String>,
    /// The one member is the text of the root element.
    #[serde(default)]
    pub(crate) unwrapped_xml: bool,
    pub(crate) xml_namespace: Option<AttributeNamespace>,
    #[serde(skip)]
    compiled: OnceLock<Option<Regex>>,
}

/// How times are written. Without it: as HTTP writes them in headers, else by protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum TimestampFormat {
    Iso8601,
    Rfc822,
    UnixTimestamp,
}

/// How an error shape appears in the Query protocol.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorTrait {
    pub(crate) code: Option<String>,
    pub(crate) http_status_code: Option<u16>,
}

impl Shape {
    /// The pattern as a regex that matches whole values; `None` if there is none, or if it uses
    /// look-around, which the engine does not have (the operation must check it then).
    pub(crate) fn regex(&self) -> Option<&Regex> {
        let compile = || {
            let pattern = self.pattern.as_ref()?;
            Regex::new(&format!("^(?:{})$", rust_syntax(pattern))).ok()
        };
        self.compiled.get_or_init(compile).as_ref()
    }
}

/// Rewrites what Java's regular expressions write differently: `\u0020` is `\x{0020}`, and a `[`
/// inside of a class needs no escape there.
fn rust_syntax(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut chars = pattern.chars().peekable();
    let mut class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek() == Some(&'u') => {
                chars.next();
                let digits: String = chars.by_ref().take(4).collect();
                out.push_str(&format!("\\x{{{digits}}}"));
            }
            '\\' => {
                out.push(c);
                out.extend(chars.next());
            }
            '[' if class => out.push_str("\\["),
            '&' | '~' | '-' if class && chars.peek() == Some(&c) => {
                out.push('\\');
                out.push(c);
            }
            _ => {
                class = match c {
                    '[' => true,
                    ']' => false,
                    _ => class,
                };
                out.push(c);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_patterns_become_rust_patterns() {
        assert_eq!(rust_syntax(r"[\u0020-\u00FF]+"), r"[\x{0020}-\x{00FF}]+");
        assert_eq!(rust_syntax("[a[b]"), r"[a\[b]");
        assert_eq!(rust_syntax(r"\[x"), r"\[x");
        assert!(Regex::new(&rust_syntax(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*")).is_ok());
    }
}
