//! `Fn::Select`, `Fn::FindInMap`: one value of several.

use serde_json::Value;

use super::{Evaluator, scalar, template_error};
use crate::error::{Error, Result};
use crate::node::Node;

impl Evaluator<'_> {
    pub(super) fn select(&mut self, node: &Node, argument: &Node, before: usize) -> Result<Value> {
        let error = || {
            template_error(
                node.at,
                "Fn::Select requires a list argument with two elements: an integer index and a list",
            )
        };
        let Some([index, list]) = argument.as_list() else { return Err(error()) };
        let index = self.value(index)?;
        let list = self.value(list)?;
        if let Some(unknown) = self.unknown_since(before, "Fn::Select") {
            return Ok(unknown);
        }
        let index: usize = scalar(&index).and_then(|text| text.parse().ok()).ok_or_else(error)?;
        let Value::Array(mut items) = list else { return Err(error()) };
        if index >= items.len() {
            let message = format!("Fn::Select cannot select nonexistent value at index {index}");
            return Err(template_error(node.at, message));
        }
        Ok(items.swap_remove(index))
    }

    pub(super) fn find_in_map(&mut self, node: &Node, argument: &Node) -> Result<Value> {
        let error = || {
            template_error(
                node.at,
                "every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value",
            )
        };
        let keys = match argument.as_list() {
            Some(keys) if keys.len() == 3 => keys,
            Some(keys) if keys.len() == 4 => {
                return Err(Error::refused(node.at, "Fn::FindInMap with a default value"));
            }
            _ => return Err(error()),
        };
        let mut names = Vec::with_capacity(3);
        for key in keys {
            let value = self.value(key)?;
            names.push(scalar(&value).ok_or_else(error)?);
        }
        let [map, top, second] = names.as_slice() else { return Err(error()) };
        let Some(mapping) = self.template.mappings.get(map) else {
            let message = format!(
                "Mapping named '{map}' is not present in the 'Mappings' section of template."
            );
            return Err(template_error(node.at, message));
        };
        let found = mapping.at_path(&[top, second]).ok_or_else(|| {
            template_error(node.at, format!("Unable to get mapping for {map}::{top}::{second}"))
        })?;
        Ok(found.to_json())
    }
}
