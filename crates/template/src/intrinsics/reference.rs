//! `Ref`, `Fn::GetAtt`, `Fn::ImportValue`, `Fn::GetAZs`: values from outside the tree.

use serde_json::Value;

use super::{Evaluator, scalar, template_error};
use crate::error::{Error, Result};
use crate::node::Node;
use crate::references;
use crate::scope::Resolved;

impl Evaluator<'_> {
    pub(super) fn reference(&mut self, node: &Node, argument: &Node) -> Result<Option<Value>> {
        let name = references::ref_target(node, argument)?;
        if name == "AWS::NoValue" { Ok(None) } else { self.named(node, name).map(Some) }
    }

    /// The value of a parameter, a pseudo parameter or a resource.
    pub(super) fn named(&mut self, node: &Node, name: &str) -> Result<Value> {
        if let Some(value) = self.values.get(name) {
            return Ok(value.clone());
        }
        if !self.template.resources.contains_key(name) {
            return Err(references::unresolved(node.at, [name.to_owned()], "Resources"));
        }
        let resolved = self.scope.reference(name).map_err(|error| placed(error, node))?;
        Ok(self.resolved(resolved, name.to_owned()))
    }

    pub(super) fn attribute(&mut self, node: &Node, argument: &Node) -> Result<Value> {
        let (resource, attribute) = references::get_att_target(node, argument)?;
        let attribute = self.value(&attribute)?;
        let attribute = scalar(&attribute).ok_or_else(|| {
            template_error(node.at, "the attribute of Fn::GetAtt must be a string")
        })?;
        self.attribute_named(node, &resource, &attribute)
    }

    pub(super) fn attribute_named(
        &mut self,
        node: &Node,
        resource: &str,
        attribute: &str,
    ) -> Result<Value> {
        let resolved =
            self.scope.attribute(resource, attribute).map_err(|error| placed(error, node))?;
        Ok(self.resolved(resolved, format!("{resource}.{attribute}")))
    }

    pub(super) fn import(&mut self, node: &Node, argument: &Node) -> Result<Value> {
        let before = self.unknown_count;
        let name = self.value(argument)?;
        if let Some(unknown) = self.unknown_since(before, "Fn::ImportValue") {
            return Ok(unknown);
        }
        let name = scalar(&name).ok_or_else(|| {
            template_error(node.at, "the attribute in Fn::ImportValue must be a string or a function that returns a string")
        })?;
        let resolved = self.scope.import(&name).map_err(|error| placed(error, node))?;
        Ok(self.resolved(resolved, format!("import:{name}")))
    }

    pub(super) fn zones(&mut self, node: &Node, argument: &Node) -> Result<Value> {
        let region = self.value(argument)?;
        let region = match region.as_str() {
            Some("") => self.values.get("AWS::Region").and_then(Value::as_str).unwrap_or_default(),
            Some(region) => region,
            None => {
                return Err(template_error(node.at, "Fn::GetAZs requires the name of a region"));
            }
        };
        let zones = self.scope.availability_zones(region).map_err(|error| placed(error, node))?;
        Ok(zones.into_iter().map(Value::from).collect())
    }

    fn resolved(&mut self, resolved: Resolved, name: String) -> Value {
        match resolved {
            Resolved::Value(value) => value,
            Resolved::Unknown => {
                let placeholder = Value::String(format!("{{{{unknown:{name}}}}}"));
                self.unknown.insert(name);
                self.unknown_count += 1;
                placeholder
            }
        }
    }
}

/// An error of the scope, with the place of the function that asked.
fn placed(error: Error, node: &Node) -> Error {
    Error { at: error.at.or(Some(node.at)), ..error }
}
