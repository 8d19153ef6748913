//! The names and values that a request gives to its expressions, and which of them were used.

use crate::{
    error::{Error, Kind, Problem},
    limits,
    value::{Received, Value},
};
use std::collections::{BTreeMap, BTreeSet};

const NAMES: &str = "ExpressionAttributeNames";
const VALUES: &str = "ExpressionAttributeValues";

/// `ExpressionAttributeNames` and `ExpressionAttributeValues` of one request. Every expression of
/// the request is parsed with the same one, so that what none of them uses is found at the end.
#[derive(Debug, Clone, Default)]
pub struct Bindings {
    names: BTreeMap<String, String>,
    values: BTreeMap<String, Value>,
    used: BTreeSet<String>,
}

impl Bindings {
    /// Takes the two parameters as the request has them; `None` for one that it does not have.
    ///
    /// # Errors
    /// An empty parameter, a malformed placeholder, an invalid value.
    pub fn new(
        names: Option<BTreeMap<String, String>>,
        values: Option<BTreeMap<String, Received>>,
    ) -> Result<Self, Error> {
        if let Some(names) = &names {
            check_keys(NAMES, '#', names.keys())?;
        }
        let Some(values) = values else {
            return Ok(Self { names: names.unwrap_or_default(), ..Self::default() });
        };
        check_keys(VALUES, ':', values.keys())?;
        let values = values
            .into_iter()
            .map(|(key, value)| match value.check() {
                Ok(value) => Ok((key, value)),
                Err(problem) => Err(Error::PlaceholderValue { problem: problem.into(), key }),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { names: names.unwrap_or_default(), values, used: BTreeSet::new() })
    }

    /// Refuses names or values in a request that has no expression to use them. To be called
    /// before [`Bindings::new`], with every expression parameter that the operation knows, in its
    /// documented order, and whether the request has it.
    ///
    /// # Errors
    /// [`Error::NamesWithoutExpression`] and [`Error::ValuesWithoutExpression`].
    pub fn check_presence(
        names: bool,
        values: bool,
        expressions: &[(Kind, bool)],
    ) -> Result<(), Error> {
        if names && expressions.iter().all(|(_, given)| !given) {
            return Err(Error::NamesWithoutExpression);
        }
        let users: Vec<_> =
            expressions.iter().filter(|(kind, _)| *kind != Kind::Projection).collect();
        if values && !users.is_empty() && users.iter().all(|(_, given)| !given) {
            let parameters: Vec<_> = users.iter().map(|(kind, _)| kind.parameter()).collect();
            let verb = if parameters.len() > 1 { "are" } else { "is" };
            return Err(Error::ValuesWithoutExpression(format!(
                "{} {verb}",
                parameters.join(" and ")
            )));
        }
        Ok(())
    }

    /// Refuses names and values that no expression used. To be called when all are parsed.
    ///
    /// # Errors
    /// [`Error::PlaceholdersUnused`].
    pub fn finish(self) -> Result<(), Error> {
        let unused = |parameter, keys: Vec<&String>| {
            let keys = keys.into_iter().filter(|key| !self.used.contains(*key));
            let keys: Vec<_> = keys.map(String::as_str).collect();
            if keys.is_empty() {
                return Ok(());
            }
            Err(Error::PlaceholdersUnused { parameter, keys: keys.join(", ") })
        };
        unused(NAMES, self.names.keys().collect())?;
        unused(VALUES, self.values.keys().collect())
    }

    pub(crate) fn name(&mut self, placeholder: &str) -> Result<String, Problem> {
        let name = self
            .names
            .get(placeholder)
            .ok_or_else(|| Problem::UndefinedName(placeholder.to_owned()))?;
        self.used.insert(placeholder.to_owned());
        Ok(name.clone())
    }

    pub(crate) fn value(&mut self, placeholder: &str) -> Result<Value, Problem> {
        let value = self
            .values
            .get(placeholder)
            .ok_or_else(|| Problem::UndefinedValue(placeholder.to_owned()))?;
        self.used.insert(placeholder.to_owned());
        Ok(value.clone())
    }
}

fn check_keys<'k>(
    parameter: &'static str,
    sigil: char,
    keys: impl ExactSizeIterator<Item = &'k String>,
) -> Result<(), Error> {
    if keys.len() == 0 {
        return Err(Error::PlaceholdersEmpty(parameter));
    }
    for key in keys {
        let word = key.strip_prefix(sigil).filter(|rest| {
            !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        });
        if word.is_none() {
            return Err(Error::PlaceholderSyntax { parameter, key: key.clone() });
        }
        if key.len() > limits::MAX_PLACEHOLDER_BYTES {
            return Err(Error::PlaceholderTooLong { parameter, key: key.clone() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Condition, testing::bindings};
    use serde_json::json;

    #[test]
    fn malformed_placeholders_are_refused() {
        let new = |names: serde_json::Value, values: serde_json::Value| {
            Bindings::new(
                serde_json::from_value(names).unwrap(),
                serde_json::from_value(values).unwrap(),
            )
            .unwrap_err()
            .to_string()
        };
        let long = format!(":{}", "a".repeat(255));
        for (names, values, text) in [
            (json!({}), json!(null), "ExpressionAttributeNames must not be empty"),
            (json!(null), json!({}), "ExpressionAttributeValues must not be empty"),
            (
                json!({"a": "b"}),
                json!({}),
                "ExpressionAttributeNames contains invalid key: Syntax error; key: \"a\"",
            ),
            (
                json!(null),
                json!({":": {"S": "a"}}),
                "ExpressionAttributeValues contains invalid key: Syntax error; key: \":\"",
            ),
            (
                json!(null),
                json!({":a": {"NULL": false}}),
                "ExpressionAttributeValues contains invalid value: One or more parameter values \
                 were invalid: Null attribute value types must have the value of true for key :a",
            ),
        ] {
            assert_eq!(new(names, values), text);
        }
        assert!(new(json!(null), json!({ long: {"S": "a"} })).contains("255 bytes"));
    }

    #[test]
    fn names_and_values_need_an_expression() {
        let check = |names, values, expressions: &[_]| {
            Bindings::check_presence(names, values, expressions).map_err(|e| e.to_string())
        };
        let query = [(Kind::Projection, true), (Kind::Filter, false), (Kind::KeyCondition, false)];
        assert_eq!(check(true, false, &query), Ok(()));
        assert_eq!(
            check(true, true, &query).unwrap_err(),
            "ExpressionAttributeValues can only be specified when using expressions: \
             FilterExpression and KeyConditionExpression are null"
        );
        assert_eq!(
            check(false, true, &[(Kind::Condition, false)]).unwrap_err(),
            "ExpressionAttributeValues can only be specified when using expressions: \
             ConditionExpression is null"
        );
        assert_eq!(
            check(true, true, &[(Kind::Condition, false)]).unwrap_err(),
            "ExpressionAttributeNames can only be specified when using expressions"
        );
    }

    #[test]
    fn what_no_expression_used_is_refused() {
        let given =
            || bindings(json!({"#a": "x", "#b": "y"}), json!({":a": {"S": "1"}, ":b": {"S": "2"}}));
        let mut used = given();
        Condition::parse("#a = :a AND #b = :b", Kind::Condition, &mut used).unwrap();
        assert_eq!(used.finish(), Ok(()));
        let mut unused = given();
        Condition::parse("x = :a AND #b = :b", Kind::Condition, &mut unused).unwrap();
        assert_eq!(
            unused.finish().unwrap_err().to_string(),
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}"
        );
        let mut unused = given();
        Condition::parse("#a = #b", Kind::Condition, &mut unused).unwrap();
        assert_eq!(
            unused.finish().unwrap_err().to_string(),
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:a, :b}"
        );
    }
}
