//! What functions have in another way than their properties say. Runtime versions that stand in for
//! others are known to the interpreters, which see what is installed.

use serde_json::{Map, Value};

/// A documented effect that is met in another way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Substitution {
    /// The property of `AWS::Lambda::Function`.
    pub property: &'static str,
    /// The value, where it is a member of the property or one of its elements.
    pub value: &'static str,
    /// What happens in its place.
    pub instead: &'static str,
}

/// All of them.
pub const SUBSTITUTIONS: [Substitution; 2] = [
    Substitution {
        property: "Architectures",
        value: "arm64",
        instead: "the code runs on the architecture of this host",
    },
    Substitution {
        property: "TracingConfig",
        value: "Active",
        instead: "nothing is sent to X-Ray: what is kept of an invocation is its log",
    },
];

/// Those that the properties of an `AWS::Lambda::Function` ask for.
#[must_use]
pub fn substitutions(properties: &Map<String, Value>) -> Vec<Substitution> {
    let asked = |row: &Substitution| match properties.get(row.property) {
        Some(Value::Array(elements)) => elements.iter().any(|element| element == row.value),
        Some(Value::Object(members)) => members.values().any(|member| member == row.value),
        _ => false,
    };
    SUBSTITUTIONS.into_iter().filter(asked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_is_asked_for_is_substituted() {
        let found = |properties: Value| {
            let found = substitutions(properties.as_object().unwrap());
            found.iter().map(|row| row.property).collect::<Vec<_>>()
        };
        let marked = json!({"Architectures": ["arm64"], "TracingConfig": {"Mode": "Active"}});
        assert_eq!(found(marked), ["Architectures", "TracingConfig"]);
        let plain = json!({"Architectures": ["x86_64"], "TracingConfig": {"Mode": "PassThrough"}});
        assert_eq!(found(plain), Vec::<&str>::new());
    }
}
