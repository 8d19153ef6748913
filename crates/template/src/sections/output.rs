//! One entry of `Outputs`.

use crate::error::{Error, Result};
use crate::node::Node;

/// An output.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// The whole entry.
    pub node: Node,
    /// What it returns, to be evaluated.
    pub value: Node,
    /// The name of the export, to be evaluated.
    pub export: Option<Node>,
    /// The condition under which it exists.
    pub condition: Option<String>,
    /// The description.
    pub description: Option<String>,
}

impl Output {
    pub(super) fn read(name: &str, node: &Node) -> Result<Self> {
        let error =
            |at, message: String| Error::invalid(at, format!("Template format error: {message}"));
        if node.as_map().is_none() {
            return Err(error(node.at, format!("Output {name} must be an object.")));
        }
        super::known_entries(node, "output", &["Value", "Export", "Condition", "Description"])?;
        let value = node.get("Value").ok_or_else(|| {
            error(node.at, "Every Outputs member must contain a Value object".to_owned())
        })?;
        let export = match node.get("Export") {
            None => None,
            Some(export) => Some(export.get("Name").cloned().ok_or_else(|| {
                error(export.at, format!("Output {name}: Export must contain a Name"))
            })?),
        };
        let text = |key: &str| match node.get(key) {
            None => Ok(None),
            Some(found) => found
                .as_str()
                .map(|text| Some(text.to_owned()))
                .ok_or_else(|| error(found.at, format!("Every {key} member must be a string."))),
        };
        Ok(Self {
            value: value.clone(),
            export,
            condition: text("Condition")?,
            description: text("Description")?,
            node: node.clone(),
        })
    }
}
