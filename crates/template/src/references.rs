//! What a template refers to, checked without knowing any value.

use std::collections::BTreeSet;

use crate::dynamic;
use crate::error::{Error, Position, Result};
use crate::node::{Data, Node};
use crate::pseudo;
use crate::sections::Template;
use crate::substitution::{self, Piece};

/// One reference found in a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reference<'t> {
    /// `Ref`, or a variable without a dot in `Fn::Sub`.
    Name(&'t str),
    /// The resource and the attribute of `Fn::GetAtt`, or of a variable with a dot.
    Attribute(&'t str, &'t str),
    /// The condition of `Fn::If`.
    Condition(&'t str),
}

/// Calls `found` for every reference in a tree. `choose` says which branch of an `Fn::If` to follow,
/// by the condition's name; none follows both.
pub(crate) fn walk<'t>(
    node: &'t Node,
    choose: &dyn Fn(&str) -> Option<bool>,
    found: &mut dyn FnMut(Position, Reference<'_>),
) -> Result<()> {
    match &node.data {
        Data::List(items) => items.iter().try_for_each(|item| walk(item, choose, found)),
        Data::Map(map) => match node.intrinsic() {
            Some((name, argument)) if name != "Condition" => {
                intrinsic(node, name, argument, choose, found)
            }
            _ => map.values().try_for_each(|value| walk(value, choose, found)),
        },
        _ => Ok(()),
    }
}

fn intrinsic(
    node: &Node,
    name: &str,
    argument: &Node,
    choose: &dyn Fn(&str) -> Option<bool>,
    found: &mut dyn FnMut(Position, Reference<'_>),
) -> Result<()> {
    let at = node.at;
    match name {
        "Ref" => {
            found(at, Reference::Name(ref_target(node, argument)?));
            Ok(())
        }
        "Fn::GetAtt" => {
            let (resource, attribute) = get_att_target(node, argument)?;
            if let Some(text) = attribute.as_str() {
                found(at, Reference::Attribute(&resource, text));
            } else {
                found(at, Reference::Attribute(&resource, ""));
                walk(&attribute, choose, found)?;
            }
            Ok(())
        }
        "Fn::Sub" => sub(node, argument, choose, found),
        "Fn::If" => {
            let [condition, then, otherwise] = if_parts(node, argument)?;
            let Some(condition) = condition.as_str() else {
                return Err(Error::invalid(at, IF_MESSAGE));
            };
            found(at, Reference::Condition(condition));
            let choice = choose(condition);
            if choice != Some(false) {
                walk(then, choose, found)?;
            }
            if choice != Some(true) {
                walk(otherwise, choose, found)?;
            }
            Ok(())
        }
        "Fn::Base64" | "Fn::Cidr" | "Fn::FindInMap" | "Fn::GetAZs" | "Fn::ImportValue"
        | "Fn::Join" | "Fn::Select" | "Fn::Split" => walk(argument, choose, found),
        "Fn::And" | "Fn::Or" | "Fn::Not" | "Fn::Equals" => {
            let message = format!(
                "Template error: {name} is only allowed in the Conditions section of the template"
            );
            Err(Error::invalid(at, message))
        }
        other => Err(Error::refused(at, format!("The function {other}"))),
    }
}

const IF_MESSAGE: &str = "Template error: Fn::If requires a list argument with three elements: a condition name, the value if true and the value if false";

/// The three parts of an `Fn::If`.
pub(crate) fn if_parts<'t>(node: &Node, argument: &'t Node) -> Result<&'t [Node; 3]> {
    argument
        .as_list()
        .and_then(|items| items.try_into().ok())
        .ok_or_else(|| Error::invalid(node.at, IF_MESSAGE))
}

/// The name that a `Ref` points to.
pub(crate) fn ref_target<'t>(node: &Node, argument: &'t Node) -> Result<&'t str> {
    argument.as_str().ok_or_else(|| {
        let message = "Template error: every Ref object must have a single String value.";
        Error::invalid(node.at, message)
    })
}

/// The resource and the attribute that an `Fn::GetAtt` points to. The attribute may be a function.
pub(crate) fn get_att_target(node: &Node, argument: &Node) -> Result<(String, Node)> {
    let message = "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute";
    let error = || Error::invalid(node.at, message);
    if let Some(text) = argument.as_str() {
        let (resource, attribute) = text.split_once('.').ok_or_else(error)?;
        return Ok((resource.to_owned(), Node::text(argument.at, attribute)));
    }
    match argument.as_list() {
        Some([resource, attributes @ ..]) if !attributes.is_empty() => {
            let resource = resource.as_str().filter(|text| !text.is_empty()).ok_or_else(error)?;
            if let [attribute] = attributes {
                return Ok((resource.to_owned(), attribute.clone()));
            }
            let parts: Option<Vec<_>> = attributes.iter().map(Node::as_str).collect();
            let attribute = parts.ok_or_else(error)?.join(".");
            Ok((resource.to_owned(), Node::text(argument.at, attribute)))
        }
        _ => Err(error()),
    }
}

const SUB_MESSAGE: &str = "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string";

/// The text of an `Fn::Sub` and its own variables.
pub(crate) fn sub_parts<'t>(
    node: &Node,
    argument: &'t Node,
) -> Result<(&'t str, Option<&'t Node>)> {
    let error = || Error::invalid(node.at, SUB_MESSAGE);
    match argument.as_list() {
        None => Ok((argument.as_str().ok_or_else(error)?, None)),
        Some([text]) => Ok((text.as_str().ok_or_else(error)?, None)),
        Some([text, variables]) if variables.as_map().is_some() => {
            Ok((text.as_str().ok_or_else(error)?, Some(variables)))
        }
        Some(_) => Err(error()),
    }
}

fn sub(
    node: &Node,
    argument: &Node,
    choose: &dyn Fn(&str) -> Option<bool>,
    found: &mut dyn FnMut(Position, Reference<'_>),
) -> Result<()> {
    let (text, variables) = sub_parts(node, argument)?;
    let own = |name: &str| variables.and_then(|map| map.get(name)).is_some();
    for piece in substitution::pieces(text) {
        match piece {
            Piece::Variable(name) if !own(&name) => match name.split_once('.') {
                Some((resource, attribute)) => {
                    found(node.at, Reference::Attribute(resource, attribute));
                }
                None => found(node.at, Reference::Name(&name)),
            },
            _ => {}
        }
    }
    variables
        .and_then(Node::as_map)
        .into_iter()
        .flatten()
        .try_for_each(|(_, value)| walk(value, choose, found))
}

/// Checks that everything that the template refers to exists.
pub(crate) fn check(template: &Template) -> Result<()> {
    for (id, resource) in &template.resources {
        condition_exists(template, resource.condition.as_deref(), resource.at, "Resources")?;
        let mut block = Block { template, name: "Resources", unresolved: Vec::new() };
        for (name, at) in &resource.depends_on {
            if name == id {
                let message = format!("Circular dependency between resources: [{id}]");
                return Err(Error::invalid(*at, message));
            }
            if !template.resources.contains_key(name) {
                block.unresolved.push((name.clone(), *at));
            }
        }
        resource.properties.values().try_for_each(|node| block.check(node))?;
        block.finish()?;
    }
    for output in template.outputs.values() {
        condition_exists(template, output.condition.as_deref(), output.node.at, "Outputs")?;
        let mut block = Block { template, name: "Outputs", unresolved: Vec::new() };
        block.check(&output.value)?;
        output.export.iter().try_for_each(|node| block.check(node))?;
        block.finish()?;
    }
    Ok(())
}

fn condition_exists(
    template: &Template,
    condition: Option<&str>,
    at: Position,
    block: &str,
) -> Result<()> {
    match condition {
        Some(name) if !template.conditions.contains_key(name) => {
            let message = format!(
                "Template format error: Unresolved condition dependency {name} in the {block} block of the template"
            );
            Err(Error::invalid(at, message))
        }
        _ => Ok(()),
    }
}

struct Block<'t> {
    template: &'t Template,
    name: &'static str,
    unresolved: Vec<(String, Position)>,
}

impl Block<'_> {
    fn check(&mut self, node: &Node) -> Result<()> {
        dynamic_references(node)?;
        let mut failure = None;
        walk(node, &|_| None, &mut |at, reference| match reference {
            Reference::Name(name) => {
                let known = self.template.parameters.contains_key(name)
                    || self.template.resources.contains_key(name)
                    || pseudo::NAMES.contains(&name);
                if !known {
                    self.unresolved.push((name.to_owned(), at));
                }
            }
            Reference::Attribute(resource, _) => {
                if !self.template.resources.contains_key(resource) {
                    let message = format!(
                        "Template error: instance of Fn::GetAtt references undefined resource {resource}"
                    );
                    failure.get_or_insert(Error::invalid(at, message));
                }
            }
            Reference::Condition(name) => {
                if !self.template.conditions.contains_key(name) {
                    let message =
                        format!("Template error: unresolved condition dependency {name} in Fn::If");
                    failure.get_or_insert(Error::invalid(at, message));
                }
            }
        })?;
        failure.map_or(Ok(()), Err)
    }

    fn finish(self) -> Result<()> {
        let Some((_, at)) = self.unresolved.first() else { return Ok(()) };
        Err(unresolved(*at, self.unresolved.iter().map(|(name, _)| name.clone()), self.name))
    }
}

/// The official error about references to nothing.
pub(crate) fn unresolved(
    at: Position,
    names: impl IntoIterator<Item = String>,
    block: &str,
) -> Error {
    let names: BTreeSet<String> = names.into_iter().collect();
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    let message = format!(
        "Template format error: Unresolved resource dependencies [{names}] in the {block} block of the template"
    );
    Error::invalid(at, message)
}

/// Refuses `{{resolve:...}}` of services that are not looked into.
fn dynamic_references(node: &Node) -> Result<()> {
    match &node.data {
        Data::String(text) => match dynamic::refused(text) {
            Some(text) => Err(Error::refused(node.at, format!("The dynamic reference {text}"))),
            None => Ok(()),
        },
        Data::List(items) => items.iter().try_for_each(dynamic_references),
        Data::Map(map) => map.values().try_for_each(dynamic_references),
        _ => Ok(()),
    }
}
