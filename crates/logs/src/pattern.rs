//! Filter patterns ("Filter pattern syntax for metric filters, subscription filters, filter log
//! events, and Live Tail", CloudWatch Logs User Guide): which messages match.
//!
//! * Terms: `ERROR "two words"` (all), `?ERROR ?WARN` (any; without effect beside others),
//!   `-DEBUG` (none). A term matches where the message contains it, with its case.
//! * JSON: `{ $.user.id = 7 && ($.kind != "a*" || $.tags[0] EXISTS) }`.
//!
//! Space-delimited patterns (`[ip, user]`) and regular expressions (`%x%`) are refused by name.

mod json;
mod json_parser;
mod terms;

use crate::Error;

/// A parsed filter pattern.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Pattern {
    /// Matches everything.
    All,
    Terms(terms::Terms),
    Json(json::Condition),
}

impl Pattern {
    /// # Errors
    /// It is malformed, or of a form that is not supported.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        match text.chars().next() {
            None => Ok(Self::All),
            Some('{') => json_parser::parse(text).map(Self::Json),
            Some('[') => Err(Error::Unsupported("space-delimited filter patterns".to_owned())),
            Some('%') => Err(regular_expression()),
            Some(_) => terms::parse(text).map(Self::Terms),
        }
    }

    pub(crate) fn matches(&self, message: &str) -> bool {
        match self {
            Self::All => true,
            Self::Terms(terms) => terms.match_message(message),
            Self::Json(condition) => {
                serde_json::from_str(message).is_ok_and(|value| condition.holds(&value))
            }
        }
    }
}

fn regular_expression() -> Error {
    Error::Unsupported("regular expressions in filter patterns".to_owned())
}

fn malformed() -> Error {
    Error::invalid("Invalid filter pattern")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_pattern_matches_everything() {
        assert_eq!(Pattern::parse(" ").unwrap(), Pattern::All);
        assert!(Pattern::All.matches("anything"));
    }

    #[test]
    fn other_forms_are_refused_by_name() {
        for (pattern, name) in [("[ip, user]", "space-delimited"), ("%a+%", "regular expressions")]
        {
            let error = Pattern::parse(pattern).unwrap_err();
            assert!(matches!(error, Error::Unsupported(_)) && error.to_string().contains(name));
        }
    }
}
