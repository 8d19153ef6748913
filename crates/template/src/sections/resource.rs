//! One entry of `Resources`.

use crate::error::{Error, Position, Result};
use crate::node::{Map, Node};

/// What happens to a resource that leaves the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeletionPolicy {
    /// It is deleted.
    #[default]
    Delete,
    /// It stays.
    Retain,
    /// It stays, unless the stack operation that created it is rolled back.
    RetainExceptOnCreate,
    /// A snapshot is taken, then it is deleted.
    Snapshot,
}

/// A resource with its attributes.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// The type, such as `AWS::SQS::Queue`.
    pub kind: String,
    /// The properties, to be evaluated.
    pub properties: Map,
    /// The resources named by `DependsOn`, with the place of each name.
    pub depends_on: Vec<(String, Position)>,
    /// The condition under which it exists.
    pub condition: Option<String>,
    /// What happens when it leaves the stack.
    pub deletion_policy: DeletionPolicy,
    /// What happens to the old one when it is replaced.
    pub update_replace_policy: DeletionPolicy,
    /// The metadata attribute.
    pub metadata: Option<Node>,
    /// Where it stands.
    pub at: Position,
}

const ATTRIBUTES: [&str; 10] = [
    "Type",
    "Properties",
    "DependsOn",
    "Condition",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "Metadata",
    "Description",
    "CreationPolicy",
    "UpdatePolicy",
];

impl Resource {
    pub(super) fn read(id: &str, node: &Node) -> Result<Self> {
        let error =
            |at, message: &str| Error::invalid(at, format!("Template format error: {message}"));
        if node.as_map().is_none() {
            return Err(error(node.at, "Any Resources member must be an object."));
        }
        super::known_entries(node, "resource", &ATTRIBUTES)?;
        for name in ["CreationPolicy", "UpdatePolicy"] {
            if let Some(found) = node.get(name) {
                return Err(Error::refused(
                    found.at,
                    format!("The attribute {name} (resource {id})"),
                ));
            }
        }
        let missing =
            format!("[/Resources/{id}] Every Resources object must contain a Type member.");
        let kind = node.get("Type").ok_or_else(|| error(node.at, &missing))?;
        let kind = kind.as_str().ok_or_else(|| error(kind.at, &missing))?;
        let properties = match node.get("Properties") {
            None => Map::new(),
            Some(found) => found.as_map().cloned().ok_or_else(|| {
                error(found.at, &format!("[/Resources/{id}] Properties must be an object."))
            })?,
        };
        Ok(Self {
            kind: kind.trim().to_owned(),
            properties,
            depends_on: depends_on(id, node.get("DependsOn"))?,
            condition: match node.get("Condition") {
                None => None,
                Some(found) => {
                    Some(found.as_str().map(str::to_owned).ok_or_else(|| {
                        error(found.at, "Every Condition member must be a string.")
                    })?)
                }
            },
            deletion_policy: policy(node, "DeletionPolicy")?,
            update_replace_policy: policy(node, "UpdateReplacePolicy")?,
            metadata: node.get("Metadata").cloned(),
            at: node.at,
        })
    }
}

fn depends_on(id: &str, node: Option<&Node>) -> Result<Vec<(String, Position)>> {
    let Some(node) = node else { return Ok(Vec::new()) };
    let items = node.as_list().unwrap_or(std::slice::from_ref(node));
    items
        .iter()
        .map(|item| match item.as_str() {
            Some(name) => Ok((name.to_owned(), item.at)),
            None => {
                let message = format!(
                    "Template format error: DependsOn of resource {id} must be a string or a list of strings."
                );
                Err(Error::invalid(item.at, message))
            }
        })
        .collect()
}

fn policy(node: &Node, attribute: &str) -> Result<DeletionPolicy> {
    let Some(found) = node.get(attribute) else { return Ok(DeletionPolicy::default()) };
    match (found.as_str(), attribute) {
        (Some("Delete"), _) => Ok(DeletionPolicy::Delete),
        (Some("Retain"), _) => Ok(DeletionPolicy::Retain),
        (Some("RetainExceptOnCreate"), "DeletionPolicy") => {
            Ok(DeletionPolicy::RetainExceptOnCreate)
        }
        (Some("Snapshot"), _) => Ok(DeletionPolicy::Snapshot),
        (Some(other), _) => {
            let message = format!("Template error: Unrecognized {attribute} '{other}'");
            Err(Error::invalid(found.at, message))
        }
        (None, _) => {
            let message =
                format!("Template format error: Every {attribute} member must be a string.");
            Err(Error::invalid(found.at, message))
        }
    }
}
