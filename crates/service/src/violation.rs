use crate::Fault;

/// A constraint of the service model that an input broke.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// Where, in the form of the official texts: `entries.1.member.id`.
    pub path: String,
    /// The member's name as the model writes it.
    pub member: String,
    /// The value as text, `None` if it is absent.
    pub value: Option<String>,
    /// Which constraint.
    pub constraint: Constraint,
}

/// The constraints that models know.
#[derive(Debug, Clone, PartialEq)]
pub enum Constraint {
    /// The member is required.
    Required,
    /// At least this many characters, bytes or elements.
    MinLength(u64),
    /// At most this many characters, bytes or elements.
    MaxLength(u64),
    /// At least this number.
    MinValue(f64),
    /// At most this number.
    MaxValue(f64),
    /// The regular expression that it must match.
    Pattern(String),
    /// The values that it may have.
    Enum(Vec<String>),
}

impl Violation {
    /// One constraint in the official words: `Value '' at 'queueName' failed to satisfy
    /// constraint: Member must have length greater than or equal to 1`.
    #[must_use]
    pub fn text(&self) -> String {
        let value = self.value.as_ref().map_or("null".to_owned(), |value| format!("'{value}'"));
        let must = match &self.constraint {
            Constraint::Required => "Member must not be null".to_owned(),
            Constraint::MinLength(n) => {
                format!("Member must have length greater than or equal to {n}")
            }
            Constraint::MaxLength(n) => {
                format!("Member must have length less than or equal to {n}")
            }
            Constraint::MinValue(n) => {
                format!("Member must have value greater than or equal to {n}")
            }
            Constraint::MaxValue(n) => {
                format!("Member must have value less than or equal to {n}")
            }
            Constraint::Pattern(p) => {
                format!("Member must satisfy regular expression pattern: {p}")
            }
            Constraint::Enum(values) => {
                format!("Member must satisfy enum value set: [{}]", values.join(", "))
            }
        };
        format!("Value {value} at '{}' failed to satisfy constraint: {must}", self.path)
    }

    /// All of them in the official words: `2 validation errors detected: ...; ...`.
    #[must_use]
    pub fn join(violations: &[Self]) -> String {
        let texts: Vec<String> = violations.iter().map(Self::text).collect();
        let plural = if violations.len() == 1 { "error" } else { "errors" };
        format!("{} validation {plural} detected: {}", violations.len(), texts.join("; "))
    }

    /// The answer of most JSON services: `ValidationException`.
    #[must_use]
    pub fn exception(violations: &[Self]) -> Fault {
        Fault::sender("ValidationException", Self::join(violations))
    }

    /// The answer of the Query services: `ValidationError`.
    #[must_use]
    pub fn error(violations: &[Self]) -> Fault {
        Fault::sender("ValidationError", Self::join(violations))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text as in the AWS documentation of common validation errors.
    #[test]
    fn violations_are_told_in_the_official_words() {
        let missing = Violation {
            path: "tableName".to_owned(),
            member: "TableName".to_owned(),
            value: None,
            constraint: Constraint::Required,
        };
        assert_eq!(
            Violation::exception(&[missing]).message(),
            "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: \
             Member must not be null"
        );
    }
}
