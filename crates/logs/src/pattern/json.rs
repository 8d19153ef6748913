use serde_json::Value;
use std::cmp::Ordering;

/// A condition on a JSON message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Test(Path, Test),
}

/// `$.a.b[0]`.
pub(crate) type Path = Vec<Step>;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    Member(String),
    Element(usize),
}

/// What a value is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    Number(Compare, f64),
    /// A text in which `*` stands for anything; false if the value must be another.
    Text(bool, String),
    IsTrue,
    IsFalse,
    IsNull,
    Exists,
    NotExists,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compare {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Compare {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
        }
    }
}

impl Condition {
    pub(crate) fn holds(&self, message: &Value) -> bool {
        match self {
            Self::And(left, right) => left.holds(message) && right.holds(message),
            Self::Or(left, right) => left.holds(message) || right.holds(message),
            Self::Test(path, test) => test.holds(find(message, path)),
        }
    }
}

fn find<'a>(message: &'a Value, path: &[Step]) -> Option<&'a Value> {
    path.iter().try_fold(message, |value, step| match step {
        Step::Member(name) => value.get(name),
        Step::Element(index) => value.get(index),
    })
}

impl Test {
    fn holds(&self, value: Option<&Value>) -> bool {
        match self {
            Self::NotExists => value.is_none(),
            Self::Exists => value.is_some(),
            Self::IsTrue => value == Some(&Value::Bool(true)),
            Self::IsFalse => value == Some(&Value::Bool(false)),
            Self::IsNull => value == Some(&Value::Null),
            Self::Number(compare, number) => value
                .and_then(Value::as_f64)
                .and_then(|value| value.partial_cmp(number))
                .is_some_and(|ordering| compare.holds(ordering)),
            Self::Text(equal, pattern) => match value {
                Some(Value::String(text)) => like(pattern, text) == *equal,
                Some(Value::Number(number)) => like(pattern, &number.to_string()) == *equal,
                _ => false,
            },
        }
    }
}

/// Whether a text is like a pattern in which `*` stands for any characters.
fn like(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = pieces.next_back() else { return rest.is_empty() };
    for piece in pieces {
        let Some((_, behind)) = rest.split_once(piece) else { return false };
        rest = behind;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text) in [
            ("a*", "abc"),
            ("*c", "abc"),
            ("a*c", "ac"),
            ("*", ""),
            ("a*b*c", "a-b-b-c"),
            ("a", "a"),
        ] {
            assert!(like(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a*", "ba"), ("a", "ab"), ("a*a", "a"), ("*b", "bc")] {
            assert!(!like(pattern, text), "{pattern} {text}");
        }
    }
}
