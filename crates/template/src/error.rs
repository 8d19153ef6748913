//! What is wrong with a template, and where.

use std::fmt;

/// A place in the template's text. Both count from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a template was not accepted. CloudFormation answers each of them as `ValidationError`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The template or a parameter value is wrong.
    Invalid,
    /// The template is right, and asks for something that Pileus does not implement.
    Refused,
    /// A limit of [`crate::limits`] is exceeded.
    Limit,
}

/// An error with the official message and the place that caused it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", at.map(|at| format!(" ({at})")).unwrap_or_default())]
pub struct Error {
    /// The kind of error.
    pub kind: Kind,
    /// CloudFormation's message where it has one, without the position.
    pub message: String,
    /// The place in the template's text, where the error has one.
    pub at: Option<Position>,
}

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An [`Kind::Invalid`] error at a place.
    pub fn invalid(at: Position, message: impl Into<String>) -> Self {
        Self { kind: Kind::Invalid, message: message.into(), at: Some(at) }
    }

    /// An [`Kind::Invalid`] error without a place in the text, such as a bad parameter value.
    pub fn value(message: impl Into<String>) -> Self {
        Self { kind: Kind::Invalid, message: message.into(), at: None }
    }

    /// A [`Kind::Refused`] error: `what` names the feature that is not implemented.
    pub fn refused(at: Position, what: impl fmt::Display) -> Self {
        let message = format!("{what} is not supported");
        Self { kind: Kind::Refused, message, at: Some(at) }
    }

    /// Several errors as one that lists them with their places; the only one as it is, `None` if
    /// there are none.
    pub(crate) fn all(mut errors: Vec<Self>) -> Option<Self> {
        if errors.len() < 2 {
            return errors.pop();
        }
        let refused = errors.iter().all(|error| error.kind == Kind::Refused);
        let list: Vec<_> = errors.iter().map(Self::to_string).collect();
        Some(Self {
            kind: if refused { Kind::Refused } else { Kind::Invalid },
            message: format!("Template error: {} problems:\n- {}", list.len(), list.join("\n- ")),
            at: None,
        })
    }

    /// A [`Kind::Limit`] error.
    pub fn limit(at: Position, message: impl Into<String>) -> Self {
        Self { kind: Kind::Limit, message: message.into(), at: Some(at) }
    }
}

/// What CloudFormation's own tools let pass, but was hardly meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What is strange, and what was made of it.
    pub message: String,
    /// The place in the template's text.
    pub at: Position,
}

impl Warning {
    pub(crate) fn duplicate_key(at: Position, key: &str) -> Self {
        Self { message: format!("duplicate key '{key}': the last one counts"), at }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.at)
    }
}
