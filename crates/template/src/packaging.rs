//! Local files that a template names: what a deploy command uploads first, and how it puts the place
//! of the upload into the template. `sam package` and `aws cloudformation package` do the same.

use std::collections::BTreeMap;

use crate::document::Document;
use crate::error::{Error, Position, Result};
use crate::node::{Data, Map, Node};
use serde_json::Value;

/// What a local path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArtifactKind {
    /// The code of a function: a folder, or a zip.
    FunctionCode,
    /// The content of a layer: a folder, or a zip.
    LayerContent,
    /// The definition of an API or a state machine: a file.
    Definition,
    /// The text of an `AWS::Include`: a file.
    Include,
    /// The template of a nested stack: a file.
    Template,
}

/// A local path in a template.
#[derive(Debug, Clone, PartialEq)]
pub struct Artifact {
    /// The resource that names it; empty for an `AWS::Include`.
    pub logical_id: String,
    /// What it is.
    pub kind: ArtifactKind,
    /// The path as written, relative to the template.
    pub location: String,
    /// The runtime of a function, such as `python3.14`, when it can be read from the template.
    pub runtime: Option<String>,
    /// The handler of a function.
    pub handler: Option<String>,
    /// `Metadata.BuildMethod` of the resource.
    pub build_method: Option<String>,
    /// `Metadata.BuildProperties` of the resource, as JSON; null if it has none.
    pub build_properties: Value,
    /// The value of the function's own or global environment variable `NODE_OPTIONS`, or the
    /// intrinsic function that gives it or the variables.
    pub node_options: Option<Node>,
    /// Where the template names it.
    pub at: Position,
    /// The keys from the root of the template to the value.
    path: Vec<String>,
    /// Whether the value is a map of `S3Bucket` and `S3Key` once it is uploaded, not a URI.
    as_map: bool,
}

/// The properties with local paths: type, property, kind, and whether it becomes a map.
const PROPERTIES: [(&str, &str, ArtifactKind, bool); 9] = [
    ("AWS::Serverless::Function", "CodeUri", ArtifactKind::FunctionCode, false),
    ("AWS::Lambda::Function", "Code", ArtifactKind::FunctionCode, true),
    ("AWS::Serverless::LayerVersion", "ContentUri", ArtifactKind::LayerContent, false),
    ("AWS::Lambda::LayerVersion", "Content", ArtifactKind::LayerContent, true),
    ("AWS::Serverless::Api", "DefinitionUri", ArtifactKind::Definition, false),
    ("AWS::Serverless::HttpApi", "DefinitionUri", ArtifactKind::Definition, false),
    ("AWS::Serverless::StateMachine", "DefinitionUri", ArtifactKind::Definition, false),
    ("AWS::Serverless::Application", "Location", ArtifactKind::Template, false),
    ("AWS::CloudFormation::Stack", "TemplateURL", ArtifactKind::Template, false),
];

/// The local paths of a document to which no transform has been applied, in the order of the text.
///
/// `parameters` are the given values; a reference to a parameter is looked through for runtime and
/// handler.
///
/// # Errors
/// A malformed `Resources` section.
pub fn artifacts(
    document: &Document,
    parameters: &BTreeMap<String, String>,
) -> Result<Vec<Artifact>> {
    let mut found = Vec::new();
    for (id, resource) in &document.section_map("Resources")? {
        let kind = resource.get("Type").and_then(Node::as_str).unwrap_or_default().trim();
        for (one, property, artifact, as_map) in PROPERTIES {
            if one != kind {
                continue;
            }
            let (location, at) = match effective(document, kind, resource, property) {
                Some(node) => (local(node), node.at),
                None if builds_folder(document, kind, resource) => (Some("."), resource.at),
                None => continue,
            };
            let Some(location) = location else { continue };
            let read = |name: &str| {
                let node = effective(document, kind, resource, name)?;
                parameter_or_text(document, parameters, node)
            };
            let build_method = resource.at_path(&["Metadata", "BuildMethod"]);
            let build_properties = resource.at_path(&["Metadata", "BuildProperties"]);
            found.push(Artifact {
                logical_id: id.clone(),
                kind: artifact,
                location: location.to_owned(),
                runtime: read("Runtime"),
                handler: read("Handler"),
                build_method: build_method.and_then(Node::scalar_text),
                build_properties: build_properties.map(Node::to_json).unwrap_or_default(),
                node_options: node_options(document, resource).cloned(),
                at,
                path: ["Resources", id, "Properties", property].map(str::to_owned).to_vec(),
                as_map,
            });
        }
    }
    includes(document.root(), &mut Vec::new(), &mut found);
    Ok(found)
}

/// Puts the place of an upload where the document names the local path.
///
/// # Errors
/// The document has no such place any more.
pub fn replace(
    document: &mut Document,
    artifact: &Artifact,
    bucket: &str,
    key: &str,
) -> Result<()> {
    let at = artifact.at;
    let value = if artifact.as_map {
        Node::map(at, [("S3Bucket", Node::text(at, bucket)), ("S3Key", Node::text(at, key))])
    } else {
        Node::text(at, format!("s3://{bucket}/{key}"))
    };
    put(document, &artifact.path, value)
}

/// Puts the URL of an upload where the document names the local template of a nested stack.
///
/// # Errors
/// The document has no such place any more.
pub fn replace_template(document: &mut Document, artifact: &Artifact, url: &str) -> Result<()> {
    put(document, &artifact.path, Node::text(artifact.at, url))
}

/// Sets a text in the properties of the resource that names the local path.
///
/// # Errors
/// The document has no such place.
pub fn set(document: &mut Document, artifact: &Artifact, path: &[&str], text: &str) -> Result<()> {
    let mut steps = ["Resources", &artifact.logical_id, "Properties"].map(str::to_owned).to_vec();
    steps.extend(path.iter().map(|step| (*step).to_owned()));
    put(document, &steps, Node::text(artifact.at, text))
}

/// Puts a value into a document; maps that are not there are made on the way.
fn put(document: &mut Document, path: &[String], value: Node) -> Result<()> {
    let at = value.at;
    let mut place = document.root_mut();
    for step in path {
        let next = match &mut place.data {
            Data::Map(map) => {
                Some(map.entry(step.clone()).or_insert_with(|| Node::map(at, Map::new())))
            }
            Data::List(items) => step.parse::<usize>().ok().and_then(|index| items.get_mut(index)),
            _ => None,
        };
        place = next
            .ok_or_else(|| Error::invalid(at, format!("the template has no {}", path.join("/"))))?;
    }
    *place = value;
    Ok(())
}

/// A property of a resource, else the global one of its SAM type.
fn effective<'d>(
    document: &'d Document,
    kind: &str,
    resource: &'d Node,
    property: &str,
) -> Option<&'d Node> {
    let own = resource.at_path(&["Properties", property]);
    own.or_else(|| {
        let section = kind.strip_prefix("AWS::Serverless::")?;
        // Inline code needs no file, whatever the globals say.
        let inline = resource.at_path(&["Properties", "InlineCode"]).is_some();
        let global = document.root().at_path(&["Globals", section, property]);
        global.filter(|_| !(inline && property == "CodeUri"))
    })
}

/// The own or global `NODE_OPTIONS`, or the intrinsic function in whose result they may be.
fn node_options<'d>(document: &'d Document, resource: &'d Node) -> Option<&'d Node> {
    let globals = document.root().at_path(&["Globals", "Function"]);
    [resource.get("Properties"), globals].into_iter().flatten().find_map(|place| {
        let mut steps = ["Environment", "Variables", "NODE_OPTIONS"].into_iter();
        steps.try_fold(place, |node, step| match node.intrinsic() {
            Some(_) => Some(node),
            None => node.get(step),
        })
    })
}

/// Whether the code is the template's own folder: SAM's build takes it when nothing else is named.
fn builds_folder(document: &Document, kind: &str, resource: &Node) -> bool {
    let has = |name: &str| effective(document, kind, resource, name).is_some();
    kind == "AWS::Serverless::Function"
        && !["InlineCode", "ImageUri", "PackageType"].into_iter().any(has)
}

fn local(node: &Node) -> Option<&str> {
    let text = node.as_str()?;
    let remote = ["s3://", "http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
    (!remote).then_some(text)
}

fn parameter_or_text(
    document: &Document,
    parameters: &BTreeMap<String, String>,
    node: &Node,
) -> Option<String> {
    match node.intrinsic() {
        Some(("Ref", name)) => {
            let name = name.as_str()?;
            let default = document.root().at_path(&["Parameters", name, "Default"]);
            parameters.get(name).cloned().or_else(|| default?.scalar_text())
        }
        Some(_) => None,
        None => node.scalar_text(),
    }
}

/// Finds the locations of `AWS::Include`.
fn includes(node: &Node, path: &mut Vec<String>, found: &mut Vec<Artifact>) {
    let children: Vec<(String, &Node)> = match &node.data {
        Data::Map(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Data::List(items) => {
            items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
        }
        _ => return,
    };
    for (key, child) in children {
        path.push(key);
        let call = path.last().is_some_and(|key| key == "Fn::Transform")
            && child.get("Name").and_then(Node::as_str) == Some("AWS::Include");
        let location = child.at_path(&["Parameters", "Location"]).filter(|_| call);
        if let Some((node, text)) = location.and_then(|node| Some((node, local(node)?))) {
            let mut path = path.clone();
            path.extend(["Parameters".to_owned(), "Location".to_owned()]);
            found.push(Artifact {
                logical_id: String::new(),
                kind: ArtifactKind::Include,
                location: text.to_owned(),
                runtime: None,
                handler: None,
                build_method: None,
                build_properties: Value::Null,
                node_options: None,
                at: node.at,
                path,
                as_map: false,
            });
        }
        includes(child, path, found);
        path.pop();
    }
}
