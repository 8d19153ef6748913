//! Applies what a template declares in `Transform`, and `Fn::Transform` with `AWS::Include`.

use std::collections::BTreeMap;

use crate::document::Document;
use crate::error::{Error, Result};
use crate::node::{Data, Node};
use crate::{limits, sam};

const INCLUDE: &str = "AWS::Include";

/// Fetches the content that `AWS::Include` names. Reading is the caller's job.
pub trait Includes {
    /// The text (YAML or JSON) at a location such as `s3://bucket/key`.
    ///
    /// # Errors
    /// It cannot be read.
    fn fetch(&self, location: &str) -> Result<String>;
}

/// The values that a transform may look at.
pub struct Inputs<'a> {
    /// The parameters as given; defaults are read from the template.
    pub parameters: &'a BTreeMap<String, String>,
    /// The region, such as `eu-west-1`.
    pub region: &'a str,
    /// Fetches included content; without it `AWS::Include` is refused.
    pub includes: Option<&'a dyn Includes>,
}

/// Applies all transforms of a document, which has none afterwards.
///
/// # Errors
/// What a transform refuses; a macro and an unknown transform are refused by name.
pub fn apply(document: Document, inputs: &Inputs<'_>) -> Result<Document> {
    let (document, problems) = survey(document, inputs)?;
    Error::all(problems).map_or(Ok(document), Err)
}

/// Applies all transforms, with everything that the SAM transform refuses. A resource that it
/// refuses stays as it is, so that the others can be looked at.
///
/// # Errors
/// What keeps it from looking at the resources.
pub fn survey(mut document: Document, inputs: &Inputs<'_>) -> Result<(Document, Vec<Error>)> {
    include_all(&mut document, inputs)?;
    let transforms = document.transforms()?;
    for (name, at) in &transforms {
        if name != sam::NAME {
            return Err(Error::refused(*at, format!("The transform {name}")));
        }
    }
    if let Some(root) = document.root_mut().as_map_mut() {
        root.shift_remove("Transform");
    }
    let mut problems = Vec::new();
    if !transforms.is_empty() {
        problems = sam::transform(&mut document, inputs.parameters, inputs.region)?;
    }
    Ok((document, problems))
}

/// Puts everything that `AWS::Include` names into the document, and applies no other transform.
///
/// # Errors
/// It is not there, or too much; a macro is refused by name.
pub fn include_all(document: &mut Document, inputs: &Inputs<'_>) -> Result<()> {
    include_sections(document.root_mut(), inputs)?;
    include(document.root_mut(), inputs, 0)
}

/// `AWS::Include` in the section `Transform`: the sections that it names join those of the template.
fn include_sections(root: &mut Node, inputs: &Inputs<'_>) -> Result<()> {
    let is_call = |node: &Node| node.get("Name").and_then(Node::as_str) == Some(INCLUDE);
    let Some(sections) = root.as_map_mut() else { return Ok(()) };
    let Some(section) = sections.get_mut("Transform") else { return Ok(()) };
    let calls: Vec<Node> = if is_call(section) {
        let nothing = Node::list(section.at, []);
        vec![std::mem::replace(section, nothing)]
    } else if let Data::List(items) = &mut section.data {
        let (calls, others) = std::mem::take(items).into_iter().partition(is_call);
        *items = others;
        calls
    } else {
        return Ok(());
    };
    if section.as_list().is_some_and(<[Node]>::is_empty) {
        sections.shift_remove("Transform");
    }
    for call in &calls {
        let Data::Map(entries) = included(call, inputs, 0)?.data else {
            let message = "Template format error: included content must be a map here";
            return Err(Error::invalid(call.at, message));
        };
        for (name, node) in entries {
            match (sections.get_mut(&name).and_then(Node::as_map_mut), node.data) {
                (Some(section), Data::Map(entries)) => {
                    for (key, value) in entries {
                        section.entry(key).or_insert(value);
                    }
                }
                (Some(_), _) => {}
                (None, data) => drop(sections.entry(name).or_insert(Node { data, at: node.at })),
            }
        }
    }
    Ok(())
}

/// Replaces every `Fn::Transform` in a tree: the included map joins the map in which it stands.
fn include(node: &mut Node, inputs: &Inputs<'_>, depth: usize) -> Result<()> {
    match &mut node.data {
        Data::List(items) => items.iter_mut().try_for_each(|item| include(item, inputs, depth)),
        Data::Map(map) => {
            if let Some(call) = map.shift_remove("Fn::Transform") {
                let included = included(&call, inputs, depth)?;
                if map.is_empty() {
                    node.data = included.data;
                    return include_in_siblings(node, inputs, depth);
                }
                let Data::Map(entries) = included.data else {
                    let message = "Template format error: included content must be a map here";
                    return Err(Error::invalid(call.at, message));
                };
                for (key, value) in entries {
                    map.entry(key).or_insert(value);
                }
            }
            include_in_siblings(node, inputs, depth)
        }
        _ => Ok(()),
    }
}

fn include_in_siblings(node: &mut Node, inputs: &Inputs<'_>, depth: usize) -> Result<()> {
    match &mut node.data {
        Data::Map(map) => map.values_mut().try_for_each(|value| include(value, inputs, depth)),
        Data::List(items) => items.iter_mut().try_for_each(|item| include(item, inputs, depth)),
        _ => Ok(()),
    }
}

/// The content for one call of `AWS::Include`, which may not include in turn.
fn included(call: &Node, inputs: &Inputs<'_>, depth: usize) -> Result<Node> {
    let name = call.get("Name").and_then(Node::as_str).unwrap_or_default();
    if name != INCLUDE {
        return Err(Error::refused(call.at, format!("The macro {name}")));
    }
    let Some(includes) = inputs.includes else {
        return Err(Error::refused(call.at, "The macro AWS::Include here"));
    };
    let location = call.at_path(&["Parameters", "Location"]);
    let text = location.and_then(Node::as_str).map(str::to_owned).or_else(|| {
        let (function, name) = location?.intrinsic()?;
        let name = name.as_str().filter(|_| function == "Ref")?;
        inputs.parameters.get(name).cloned()
    });
    let Some(text) = text else {
        let message = "Transform AWS::Include failed with: The location parameter is not a string";
        return Err(Error::invalid(call.at, message));
    };
    if depth > 0 {
        return Err(Error::invalid(call.at, "Transform AWS::Include failed with: it is nested"));
    }
    let content =
        includes.fetch(&text).map_err(|error| Error { at: error.at.or(Some(call.at)), ..error })?;
    if content.len() > limits::TEMPLATE_BYTES {
        return Err(Error::limit(call.at, "Transform AWS::Include failed with: it is too large"));
    }
    let included = Document::parse(&content).map_err(|error| Error {
        message: format!("Transform AWS::Include failed with: {text}: {error}"),
        at: Some(call.at),
        ..error
    })?;
    // Its own positions would point into another text.
    let mut root = Node::from_json(call.at, &included.root().to_json());
    include(&mut root, inputs, depth + 1)?;
    Ok(root)
}
