//! From a text to a pattern.

use crate::{
    Error, Fields, Node, PATTERN_BYTES,
    rule::{Cidr, Comparison, Rule, Text},
};
use serde_json::{Map, Value};

/// Numbers in patterns, either sign.
const LARGEST_NUMBER: f64 = 5.0e9;
/// A list of patterns of which one must match; with anything else behind it, a field like others.
const OR: &str = "$or";

fn error<T>(text: impl Into<String>) -> Result<T, Error> {
    Err(Error(text.into()))
}

pub(crate) fn pattern(text: &str) -> Result<Fields, Error> {
    if text.len() > PATTERN_BYTES {
        return error(format!("The pattern is longer than {PATTERN_BYTES} bytes"));
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) if object.is_empty() => error("Empty objects are not allowed"),
        Ok(Value::Object(object)) => fields(&object),
        Ok(_) => error("Filter is not an object"),
        Err(_) => error("Filter is not valid JSON"),
    }
}

fn fields(object: &Map<String, Value>) -> Result<Fields, Error> {
    let mut found = Fields { fields: Vec::new(), alternatives: Vec::new() };
    for (name, value) in object {
        match value {
            Value::Array(patterns) if name == OR && patterns.iter().all(Value::is_object) => {
                found.alternatives.push(alternatives(patterns)?);
            }
            _ => found.fields.push((name.clone(), node(name, value)?)),
        }
    }
    Ok(found)
}

fn alternatives(patterns: &[Value]) -> Result<Vec<Fields>, Error> {
    if patterns.len() < 2 {
        return error("There must have at least 2 Objects in $or relationship");
    }
    let objects = patterns.iter().filter_map(Value::as_object);
    objects.map(|object| not_empty(object).and_then(fields)).collect()
}

fn not_empty(object: &Map<String, Value>) -> Result<&Map<String, Value>, Error> {
    if object.is_empty() { error("Empty objects are not allowed") } else { Ok(object) }
}

fn node(name: &str, value: &Value) -> Result<Node, Error> {
    match value {
        Value::Object(object) => not_empty(object).and_then(fields).map(Node::Object),
        Value::Array(rules) if rules.is_empty() => error("Empty arrays are not allowed"),
        Value::Array(rules) => rules.iter().map(rule).collect::<Result<_, _>>().map(Node::Value),
        _ => error(format!("\"{name}\" must be an object or an array")),
    }
}

fn rule(value: &Value) -> Result<Rule, Error> {
    match value {
        Value::Object(object) => {
            let (operator, operand) = only(object)?;
            match operator {
                "anything-but" => anything_but(operand),
                "numeric" => numeric(operand),
                "exists" => match operand {
                    Value::Bool(wanted) => Ok(Rule::Exists(*wanted)),
                    _ => error("exists match pattern must be either true or false."),
                },
                "cidr" => cidr(operand),
                _ => text(operator, operand).map(Rule::Text),
            }
        }
        _ => exact(value),
    }
}

fn exact(value: &Value) -> Result<Rule, Error> {
    match value {
        Value::Object(_) | Value::Array(_) => {
            error("Match value must be String, number, true, false, or null")
        }
        _ => Ok(Rule::Equals(value.clone())),
    }
}

/// The operator of a match expression and what stands behind it.
fn only(object: &Map<String, Value>) -> Result<(&str, &Value), Error> {
    let mut members = object.iter();
    match (members.next(), members.next()) {
        (Some((operator, operand)), None) => Ok((operator, operand)),
        (None, _) => error("Empty match expressions are not allowed"),
        _ => error("Only one key allowed in match expression"),
    }
}

fn string<'a>(operator: &str, operand: &'a Value) -> Result<&'a str, Error> {
    let text = operand.as_str();
    text.ok_or_else(|| Error(format!("{operator} match pattern must be a string")))
}

/// The operators for strings, also those that `anything-but` knows.
fn text(operator: &str, operand: &Value) -> Result<Text, Error> {
    let plain = || string(operator, operand).map(str::to_owned);
    Ok(match (operator, operand) {
        ("equals-ignore-case", _) => Text::EqualsIgnoreCase(plain()?),
        ("prefix", Value::Object(object)) => Text::PrefixIgnoreCase(ignoring_case(object)?),
        ("suffix", Value::Object(object)) => Text::SuffixIgnoreCase(ignoring_case(object)?),
        ("prefix", _) => Text::Prefix(plain()?),
        ("suffix", _) => Text::Suffix(plain()?),
        ("wildcard", _) => Text::Wildcard(wildcard(&plain()?)?),
        _ => return error(format!("Unrecognized match type {operator}")),
    })
}

fn ignoring_case(object: &Map<String, Value>) -> Result<String, Error> {
    match only(object)? {
        ("equals-ignore-case", operand) => string("equals-ignore-case", operand).map(str::to_owned),
        (operator, _) => error(format!("Unsupported prefix or suffix pattern: {operator}")),
    }
}

/// What stands between the stars; a backslash takes from a star or backslash its meaning.
fn wildcard(text: &str) -> Result<Vec<String>, Error> {
    let mut parts = vec![String::new()];
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let part = parts.last_mut().expect("there is always one");
        match (character, characters.peek()) {
            ('\\', Some(&escaped @ ('*' | '\\'))) => {
                part.push(escaped);
                characters.next();
            }
            ('\\', _) => return error("Invalid escape character at pos of wildcard"),
            ('*', Some('*')) => return error("Consecutive wildcard characters at pos of wildcard"),
            ('*', _) => parts.push(String::new()),
            _ => part.push(character),
        }
    }
    Ok(parts)
}

fn anything_but(operand: &Value) -> Result<Rule, Error> {
    let value = |value: &Value| match value {
        Value::String(_) | Value::Number(_) => exact(value),
        _ => error("Inside anything but list, start|null|boolean is not supported."),
    };
    let rules = match operand {
        Value::Array(values) if values.is_empty() => return error("Empty arrays are not allowed"),
        Value::Array(values) => {
            if values.iter().any(Value::is_string) && !values.iter().all(Value::is_string) {
                return error(
                    "Inside anything but list, either all values are number or string, mixed type is not supported",
                );
            }
            values.iter().map(value).collect::<Result<_, _>>()?
        }
        Value::Object(object) => {
            let (operator, operand) = only(object)?;
            let one = |operand: &Value| match operand.as_str() {
                Some("") => error(format!("Null {operator} not allowed")),
                _ => text(operator, operand).map(Rule::Text),
            };
            match operand {
                Value::Array(values) if !values.is_empty() => {
                    values.iter().map(one).collect::<Result<_, _>>()?
                }
                _ => vec![one(operand)?],
            }
        }
        _ => vec![value(operand)?],
    };
    Ok(Rule::AnythingBut(rules))
}

fn numeric(operand: &Value) -> Result<Rule, Error> {
    let Some(parts) = operand.as_array().filter(|parts| !parts.is_empty()) else {
        return error("Value of numeric must be an array.");
    };
    if parts.len() % 2 != 0 || parts.len() > 4 {
        return error(
            "Invalid numeric match: operators and numbers take turns, at most two of each",
        );
    }
    let bounds = parts.chunks(2).map(|pair| {
        let comparison = match pair[0].as_str() {
            Some("=") => Comparison::Equal,
            Some("<") => Comparison::Less,
            Some("<=") => Comparison::LessOrEqual,
            Some(">") => Comparison::Greater,
            Some(">=") => Comparison::GreaterOrEqual,
            _ => return error(format!("Unrecognized numeric range operator: {}", pair[0])),
        };
        let Some(number) = pair[1].as_f64() else {
            return error("Value of numeric match must be numeric");
        };
        if number.abs() > LARGEST_NUMBER {
            return error("Value must be between -5.0E9 and 5.0E9, inclusive");
        }
        Ok((comparison, number))
    });
    let bounds: Vec<_> = bounds.collect::<Result<_, _>>()?;
    match bounds[..] {
        [_] => Ok(Rule::Numeric(bounds)),
        [
            (Comparison::Greater | Comparison::GreaterOrEqual, bottom),
            (Comparison::Less | Comparison::LessOrEqual, top),
        ] => {
            if bottom < top {
                Ok(Rule::Numeric(bounds))
            } else {
                error("Bottom must be less than top")
            }
        }
        _ => error("Invalid numeric match: a range begins with > or >= and ends with < or <="),
    }
}

fn cidr(operand: &Value) -> Result<Rule, Error> {
    let text = string("cidr", operand)?;
    let malformed = || Error(format!("Malformed CIDR, one '/' required: {text}"));
    let (network, bits) = text.split_once('/').ok_or_else(malformed)?;
    let network: std::net::IpAddr = network.parse().map_err(|_| malformed())?;
    let most = if network.is_ipv4() { u32::BITS } else { u128::BITS };
    let bits = bits.parse().ok().filter(|bits| *bits <= most).ok_or_else(malformed)?;
    Ok(Rule::Cidr(Cidr { network, bits }))
}
