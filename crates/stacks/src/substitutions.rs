//! What a template asks for and gets in another way: the table of substitutions.
//!
//! What is neither implemented nor in this table is refused. The services accept the values that
//! stand here; this table is what people are told about them.

use serde_json::Value;
use template::{Node, Position, Template};

/// One row: a value of a property, and what is done instead.
pub struct Row {
    /// The resource type.
    pub resource_type: &'static str,
    /// The path of the property, its names joined by dots.
    pub property: &'static str,
    /// Whether a value is one that is substituted.
    pub matches: fn(&Value) -> bool,
    /// How the values are named in the documentation.
    pub values: &'static str,
    /// What is done instead.
    pub instead: &'static str,
}

/// All rows.
pub const TABLE: &[Row] = &[
    Row {
        resource_type: "AWS::Lambda::Function",
        property: "Architectures",
        matches: |value| value.as_array().is_some_and(|list| list.iter().any(|v| v == "arm64")),
        values: "arm64",
        instead: "runs on the processor of this machine; code without native parts does the same",
    },
    Row {
        resource_type: "AWS::Lambda::Function",
        property: "TracingConfig.Mode",
        matches: |value| value == "Active",
        values: "Active",
        instead: "traces are kept locally and not sent to X-Ray",
    },
    Row {
        resource_type: "AWS::Lambda::Function",
        property: "Runtime",
        matches: |value| value.as_str().is_some_and(|name| DEPRECATED_RUNTIMES.contains(&name)),
        values: "runtimes that AWS has deprecated",
        instead: "the nearest installed version of the language runs it (see `pileus runtimes`)",
    },
];

/// Source: "Lambda runtimes", AWS Lambda Developer Guide.
const DEPRECATED_RUNTIMES: [&str; 10] = [
    "nodejs12.x",
    "nodejs14.x",
    "nodejs16.x",
    "nodejs18.x",
    "nodejs20.x",
    "python3.6",
    "python3.7",
    "python3.8",
    "python3.9",
    "provided.al2",
];

/// A substitution in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Substitution {
    /// The logical id of the resource.
    pub resource: String,
    /// The place of the property.
    pub at: Position,
    /// What is done instead of what.
    pub text: String,
}

/// The substitutions of a template to which transforms have been applied, in the order of its
/// resources. Values behind intrinsic functions are not looked at.
#[must_use]
pub fn substitutions(template: &Template) -> Vec<Substitution> {
    template
        .resources
        .iter()
        .flat_map(|(id, resource)| {
            let rows = TABLE.iter().filter(|row| row.resource_type == resource.kind);
            rows.filter_map(|row| {
                let mut names = row.property.split('.');
                let mut node: &Node = resource.properties.get(names.next()?)?;
                for name in names {
                    node = node.get(name)?;
                }
                let value = node.to_json();
                (row.matches)(&value).then(|| Substitution {
                    resource: id.clone(),
                    at: node.at,
                    text: format!("{} {value}: {}", row.property, row.instead),
                })
            })
        })
        .collect()
}
