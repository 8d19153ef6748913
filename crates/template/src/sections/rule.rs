//! One entry of `Rules`: what must be true of the parameters.
//!
//! Source: "Rules", AWS CloudFormation User Guide.

use crate::error::{Error, Result};
use crate::node::Node;

/// A rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// When it counts; none is always.
    pub condition: Option<Node>,
    /// What must be true then, with what is said if it is not.
    pub assertions: Vec<(Node, Option<String>)>,
}

impl Rule {
    pub(super) fn read(name: &str, node: &Node) -> Result<Self> {
        let malformed = |at, what: &str| {
            Err(Error::invalid(at, format!("Template format error: Rule {name} {what}")))
        };
        if node.as_map().is_none() {
            return malformed(node.at, "must be an object.");
        }
        super::known_entries(node, "rule", &["RuleCondition", "Assertions"])?;
        let Some(list) = node.get("Assertions").and_then(Node::as_list) else {
            return malformed(node.at, "must have a list of Assertions.");
        };
        let mut assertions = Vec::with_capacity(list.len());
        for item in list {
            super::known_entries(item, "assertion", &["Assert", "AssertDescription"])?;
            let Some(assert) = item.get("Assert") else {
                return malformed(item.at, "has an assertion without Assert.");
            };
            let said = item.get("AssertDescription").and_then(Node::scalar_text);
            assertions.push((assert.clone(), said));
        }
        Ok(Self { condition: node.get("RuleCondition").cloned(), assertions })
    }
}
