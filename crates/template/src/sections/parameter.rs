//! One entry of `Parameters`, and what a value for it must be.
//!
//! Source: "Parameters", AWS CloudFormation User Guide.

use regex_lite::Regex;
use serde_json::Value;

use crate::error::{Error, Position, Result};
use crate::limits;
use crate::node::Node;

/// The shape of a parameter's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterType {
    /// A string, or an AWS-specific type that is one.
    String,
    /// A number, which is used as its literal text.
    Number,
    /// A comma-separated list of numbers.
    NumberList,
    /// A comma-separated list of strings, or an AWS-specific list type.
    StringList,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// The shape of the value.
    pub shape: ParameterType,
    /// The type as written, such as `CommaDelimitedList`.
    pub type_name: String,
    /// Whether what is given names a parameter of Parameter Store, whose value is used.
    pub is_stored: bool,
    /// The value when none is given.
    pub default: Option<String>,
    /// Whether the value is hidden from those who read the stack.
    pub no_echo: bool,
    /// The description.
    pub description: Option<String>,
    /// The values that are allowed; empty when any is.
    pub allowed_values: Vec<String>,
    /// The pattern that the whole value must match.
    pub allowed_pattern: Option<String>,
    /// What the message says when a constraint is not met.
    pub constraint_description: Option<String>,
    /// The shortest value, in characters.
    pub min_length: Option<u64>,
    /// The longest value, in characters.
    pub max_length: Option<u64>,
    /// The least number.
    pub min_value: Option<f64>,
    /// The greatest number.
    pub max_value: Option<f64>,
    /// Where it stands.
    pub at: Position,
}

const PROPERTIES: [&str; 11] = [
    "Type",
    "Default",
    "NoEcho",
    "Description",
    "AllowedValues",
    "AllowedPattern",
    "ConstraintDescription",
    "MinLength",
    "MaxLength",
    "MinValue",
    "MaxValue",
];

impl Parameter {
    pub(super) fn read(name: &str, node: &Node) -> Result<Self> {
        if node.as_map().is_none() {
            return Err(format_error(node, "Every Parameters object must be an object."));
        }
        super::known_entries(node, "parameter", &PROPERTIES)?;
        let kind = node.get("Type").and_then(Node::as_str).ok_or_else(|| {
            format_error(node, "Every Parameters object must contain a Type member.")
        })?;
        let parameter = Self {
            shape: shape(kind, node)?,
            type_name: kind.to_owned(),
            is_stored: stored(kind).is_some(),
            default: text(node, "Default")?,
            no_echo: matches!(text(node, "NoEcho")?.as_deref(), Some("true" | "True" | "TRUE")),
            description: text(node, "Description")?,
            allowed_values: allowed_values(node)?,
            allowed_pattern: text(node, "AllowedPattern")?,
            constraint_description: text(node, "ConstraintDescription")?,
            min_length: number(node, "MinLength")?,
            max_length: number(node, "MaxLength")?,
            min_value: number(node, "MinValue")?,
            max_value: number(node, "MaxValue")?,
            at: node.at,
        };
        if let Some(pattern) = &parameter.allowed_pattern {
            compile(pattern).map_err(|_| {
                // Also a valid pattern of a kind that the engine does not have, such as look-around.
                let found = node.get("AllowedPattern").unwrap_or(node);
                Error::refused(found.at, format!("The AllowedPattern {pattern} (parameter {name})"))
            })?;
        }
        if let Some(default) = &parameter.default {
            parameter.check_given(name, default).map_err(|error| Error {
                at: Some(node.get("Default").unwrap_or(node).at),
                message: format!("Template format error: Default value: {}", error.message),
                ..error
            })?;
        }
        Ok(parameter)
    }

    /// Checks what is given for the parameter: its value, or the name of a stored one, which the
    /// constraints are then for.
    ///
    /// # Errors
    /// The text does not meet a constraint; the message is CloudFormation's.
    pub fn check_given(&self, name: &str, given: &str) -> Result<()> {
        let named = Self { shape: ParameterType::String, ..self.clone() };
        if self.is_stored { named.check(name, given) } else { self.check(name, given) }
    }

    /// Turns a text, given or stored, into the value that references see: a string, or a list of
    /// strings.
    ///
    /// # Errors
    /// The text was given and does not meet a constraint; the message is CloudFormation's.
    pub fn value(&self, name: &str, given: &str) -> Result<Value> {
        if !self.is_stored {
            self.check(name, given)?;
        }
        Ok(match self.shape {
            ParameterType::String | ParameterType::Number => Value::from(given),
            ParameterType::NumberList | ParameterType::StringList => items(given).collect(),
        })
    }

    fn check(&self, name: &str, given: &str) -> Result<()> {
        if given.len() > limits::PARAMETER_VALUE_BYTES {
            let max = limits::PARAMETER_VALUE_BYTES;
            let message = format!("Parameter '{name}' must not be longer than {max} bytes");
            return Err(Error { kind: crate::Kind::Limit, ..Error::value(message) });
        }
        match self.shape {
            ParameterType::String => self.check_string(name, given),
            ParameterType::Number => self.check_number(name, given),
            ParameterType::NumberList => {
                items(given).try_for_each(|item| self.check_number(name, item))
            }
            ParameterType::StringList => {
                items(given).try_for_each(|item| self.check_allowed(name, item))
            }
        }
    }

    /// The official error, in the words of `ConstraintDescription` if there are any.
    fn unmet(&self, name: &str, rule: &str) -> Error {
        match &self.constraint_description {
            Some(text) => {
                Error::value(format!("Parameter {name} failed to satisfy constraint: {text}"))
            }
            None => Error::value(format!("Parameter '{name}' must {rule}")),
        }
    }

    fn check_allowed(&self, name: &str, given: &str) -> Result<()> {
        if self.allowed_values.is_empty() || self.allowed_values.iter().any(|value| value == given)
        {
            return Ok(());
        }
        Err(self.unmet(name, "be one of AllowedValues"))
    }

    fn check_string(&self, name: &str, given: &str) -> Result<()> {
        self.check_allowed(name, given)?;
        let length = given.chars().count() as u64;
        if let Some(min) = self.min_length.filter(|min| length < *min) {
            return Err(self.unmet(name, &format!("contain at least {min} characters")));
        }
        if let Some(max) = self.max_length.filter(|max| length > *max) {
            return Err(self.unmet(name, &format!("contain at most {max} characters")));
        }
        let Some(pattern) = &self.allowed_pattern else { return Ok(()) };
        let matches = compile(pattern).is_ok_and(|regex| regex.is_match(given));
        if matches { Ok(()) } else { Err(self.unmet(name, &format!("match pattern {pattern}"))) }
    }

    fn check_number(&self, name: &str, given: &str) -> Result<()> {
        let number: f64 = match given.trim().parse() {
            Ok(number) if f64::is_finite(number) => number,
            _ => return Err(Error::value(format!("Parameter '{name}' must be a number"))),
        };
        let same = |value: &String| value.parse::<f64>().is_ok_and(|value| value == number);
        if !self.allowed_values.is_empty() && !self.allowed_values.iter().any(same) {
            return Err(self.unmet(name, "be one of AllowedValues"));
        }
        if let Some(min) = self.min_value.filter(|min| number < *min) {
            return Err(self.unmet(name, &format!("be a number not less than {min}")));
        }
        if let Some(max) = self.max_value.filter(|max| number > *max) {
            return Err(self.unmet(name, &format!("be a number not greater than {max}")));
        }
        Ok(())
    }
}

/// The items of a comma-separated list; an empty text is an empty list.
fn items(given: &str) -> impl Iterator<Item = &str> {
    given.split(',').map(str::trim).filter(move |_| !given.is_empty())
}

/// A pattern is anchored: the whole value must match.
fn compile(pattern: &str) -> std::result::Result<Regex, regex_lite::Error> {
    Regex::new(&format!("^(?:{pattern})$"))
}

fn shape(kind: &str, node: &Node) -> Result<ParameterType> {
    let unknown = || Err(format_error(node, &format!("Unrecognized parameter type: {kind}")));
    if let Some(stored) = stored(kind) {
        let is_number = matches!(stored, "Number" | "List<Number>");
        return if is_number { unknown() } else { shape(stored, node) };
    }
    match kind {
        "String" => Ok(ParameterType::String),
        "Number" => Ok(ParameterType::Number),
        "List<Number>" => Ok(ParameterType::NumberList),
        "CommaDelimitedList" | "List<String>" => Ok(ParameterType::StringList),
        _ if kind.starts_with("AWS::") => Ok(ParameterType::String),
        _ if kind.starts_with("List<AWS::") && kind.ends_with('>') => Ok(ParameterType::StringList),
        _ => unknown(),
    }
}

/// The type of the value that a stored parameter must have.
fn stored(kind: &str) -> Option<&str> {
    kind.strip_prefix("AWS::SSM::Parameter::Value<")?.strip_suffix('>')
}

fn format_error(node: &Node, message: &str) -> Error {
    Error::invalid(node.at, format!("Template format error: {message}"))
}

fn text(node: &Node, key: &str) -> Result<Option<String>> {
    match node.get(key) {
        None => Ok(None),
        Some(found) => found
            .scalar_text()
            .map(Some)
            .ok_or_else(|| format_error(found, &format!("Every {key} member must be a string."))),
    }
}

fn number<T: std::str::FromStr>(node: &Node, key: &str) -> Result<Option<T>> {
    let Some(text) = text(node, key)? else { return Ok(None) };
    let found = node.get(key).unwrap_or(node);
    text.parse().map(Some).map_err(|_| format_error(found, &format!("{key} must be a number.")))
}

fn allowed_values(node: &Node) -> Result<Vec<String>> {
    let Some(found) = node.get("AllowedValues") else { return Ok(Vec::new()) };
    let error = || format_error(found, "AllowedValues must be a list of strings.");
    let items = found.as_list().ok_or_else(error)?;
    items.iter().map(|item| item.scalar_text().ok_or_else(error)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Document;

    fn parameter(yaml: &str) -> Result<Parameter> {
        Parameter::read("P", Document::parse(yaml).unwrap().root())
    }

    fn message(yaml: &str, given: &str) -> String {
        parameter(yaml).unwrap().value("P", given).unwrap_err().message
    }

    #[test]
    fn constraints_answer_with_the_official_texts() {
        let cases = [
            (
                "Type: String\nAllowedValues: [a, b]",
                "c",
                "Parameter 'P' must be one of AllowedValues",
            ),
            (
                "Type: String\nMinLength: 3",
                "ab",
                "Parameter 'P' must contain at least 3 characters",
            ),
            (
                "Type: String\nMaxLength: '3'",
                "abcd",
                "Parameter 'P' must contain at most 3 characters",
            ),
            (
                "Type: String\nAllowedPattern: '[a-z]+'",
                "a1",
                "Parameter 'P' must match pattern [a-z]+",
            ),
            ("Type: Number", "x", "Parameter 'P' must be a number"),
            ("Type: Number\nMinValue: 2", "1", "Parameter 'P' must be a number not less than 2"),
            ("Type: Number\nMaxValue: 2", "3", "Parameter 'P' must be a number not greater than 2"),
            ("Type: List<Number>", "1,x", "Parameter 'P' must be a number"),
            (
                "Type: String\nAllowedPattern: '[a-z]+'\nConstraintDescription: only letters",
                "1",
                "Parameter P failed to satisfy constraint: only letters",
            ),
        ];
        for (yaml, given, expected) in cases {
            assert_eq!(message(yaml, given), expected);
        }
    }

    #[test]
    fn lists_are_split_and_numbers_stay_text() {
        let list = parameter("Type: CommaDelimitedList").unwrap();
        assert_eq!(list.value("P", "a, b,c").unwrap(), serde_json::json!(["a", "b", "c"]));
        assert_eq!(list.value("P", "").unwrap(), serde_json::json!([]));
        let number = parameter("Type: Number\nDefault: 128").unwrap();
        assert_eq!(number.default.as_deref(), Some("128"));
        assert_eq!(number.value("P", "256").unwrap(), serde_json::json!("256"));
    }

    #[test]
    fn a_wrong_default_and_unknown_members_are_refused_with_their_line() {
        let error = parameter("Type: String\nDefault: c\nAllowedValues: [a]").unwrap_err();
        assert_eq!(error.at.unwrap().line, 2);
        assert!(parameter("Type: String\nFoo: 1").unwrap_err().message.contains("'Foo'"));
        assert!(parameter("Type: Text").is_err());
        assert!(parameter("Type: AWS::EC2::Image::Id").is_ok());
    }

    #[test]
    fn a_stored_parameter_is_given_by_its_name_which_the_constraints_are_for() {
        let stored = "Type: AWS::SSM::Parameter::Value<List<String>>\nAllowedPattern: '/.*'";
        let stored = parameter(stored).unwrap();
        assert!(stored.is_stored && stored.check_given("P", "/a").is_ok());
        assert!(stored.check_given("P", "a").is_err());
        assert_eq!(stored.value("P", "a, b").unwrap(), serde_json::json!(["a", "b"]));
        assert!(parameter("Type: AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>").is_ok());
        assert!(!parameter("Type: AWS::SSM::Parameter::Name").unwrap().is_stored);
        for kind in ["Number", "List<Number>", "Text"] {
            assert!(parameter(&format!("Type: AWS::SSM::Parameter::Value<{kind}>")).is_err());
        }
    }
}
