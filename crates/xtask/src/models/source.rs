//! The official model format, as far as protocols and validation need it.
//!
//! Every trait is either kept or dropped by name. One that is in neither list stops the
//! extraction, so that raising the pin never loses a constraint silently.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Traits by name, in alphabetical order.
pub(crate) type Traits = BTreeMap<String, Value>;

const KEPT_METADATA: &[&str] = &[
    "apiVersion",
    "awsQueryCompatible",
    "endpointPrefix",
    "jsonVersion",
    "protocol",
    "protocols",
    "serviceAbbreviation",
    "serviceFullName",
    "serviceId",
    "signatureVersion",
    "signingName",
    "targetPrefix",
    "xmlNamespace",
];
const DROPPED_METADATA: &[&str] =
    &["auth", "checksumFormat", "globalEndpoint", "protocolSettings", "uid"];

const KEPT_IN_OPERATION: &[&str] =
    &["authtype", "errors", "form", "http", "httpChecksum", "input", "output"];
const DROPPED_IN_OPERATION: &[&str] = &[
    "auth",
    "deprecated",
    "deprecatedMessage",
    "documentation",
    "documentationUrl",
    "endpoint",
    "endpointdiscovery",
    "endpointoperation",
    "idempotent",
    "name",
    "operationContextParams",
    "readonly",
    "staticContextParams",
    "unsignedPayload",
];

const KEPT_IN_SHAPE: &[&str] = &[
    "box",
    "document",
    "enum",
    "error",
    "event",
    "eventstream",
    "exception",
    "fault",
    "flattened",
    "key",
    "locationName",
    "max",
    "member",
    "min",
    "pattern",
    "payload",
    "queryName",
    "required",
    "sensitive",
    "streaming",
    "timestampFormat",
    "union",
    "unwrappedXml",
    "value",
    "wrapper",
    "xmlNamespace",
    "xmlOrder",
];
const DROPPED_IN_SHAPE: &[&str] = &[
    "deprecated",
    "deprecatedMessage",
    "deprecatedSince",
    "documentation",
    "retryable",
    "synthetic",
];

const KEPT_IN_MEMBER: &[&str] = &[
    "box",
    "enum",
    "eventpayload",
    "flattened",
    "hostLabel",
    "idempotencyToken",
    "jsonvalue",
    "location",
    "locationName",
    "queryName",
    "sensitive",
    "shape",
    "streaming",
    "timestampFormat",
    "xmlAttribute",
    "xmlNamespace",
];
const DROPPED_IN_MEMBER: &[&str] =
    &["contextParam", "deprecated", "deprecatedMessage", "deprecatedSince", "documentation"];

/// One service as botocore describes it.
#[derive(Deserialize)]
pub(crate) struct Model {
    pub(crate) metadata: Traits,
    pub(crate) operations: BTreeMap<String, Traits>,
    pub(crate) shapes: BTreeMap<String, Shape>,
}

/// One shape. Members stay in the official order, which is the order of documents and of
/// validation messages.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    kind: String,
    #[serde(flatten)]
    pub(crate) traits: Traits,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) members: Option<IndexMap<String, Traits>>,
}

impl Shape {
    /// The references that this shape makes to others: its members, or its list member, or its
    /// map key and value.
    fn references(&self) -> impl Iterator<Item = &str> {
        let single =
            ["member", "key", "value"].into_iter().filter_map(|name| self.traits.get(name));
        let members = self.members.iter().flat_map(IndexMap::values);
        single
            .filter_map(|reference| reference.get("shape"))
            .chain(members.filter_map(|traits| traits.get("shape")))
            .filter_map(Value::as_str)
    }
}

impl Model {
    /// Keeps the named operations, the shapes they reach, and of each the traits that protocols
    /// and validation need.
    pub(crate) fn prune(mut self, operations: &[&str]) -> Result<Self> {
        keep(&mut self.metadata, KEPT_METADATA, DROPPED_METADATA).context("metadata")?;
        let mut kept = BTreeMap::new();
        for &name in operations {
            let Some(mut operation) = self.operations.remove(name) else {
                bail!("the official model has no operation {name}");
            };
            keep(&mut operation, KEPT_IN_OPERATION, DROPPED_IN_OPERATION)
                .context(name.to_owned())?;
            drop_documentation(&mut operation);
            kept.insert(name.to_owned(), operation);
        }
        let reached = reach(&kept, &self.shapes)?;
        self.shapes.retain(|name, _| reached.contains(name));
        for (name, shape) in &mut self.shapes {
            prune_shape(shape).with_context(|| format!("shape {name}"))?;
        }
        Ok(Self { operations: kept, ..self })
    }
}

fn prune_shape(shape: &mut Shape) -> Result<()> {
    keep(&mut shape.traits, KEPT_IN_SHAPE, DROPPED_IN_SHAPE)?;
    for name in ["member", "key", "value"] {
        if let Some(reference) = shape.traits.get_mut(name) {
            let mut traits: Traits = serde_json::from_value(reference.take())?;
            keep(&mut traits, KEPT_IN_MEMBER, DROPPED_IN_MEMBER).context(name)?;
            *reference = serde_json::to_value(traits)?;
        }
    }
    for (name, traits) in shape.members.iter_mut().flatten() {
        keep(traits, KEPT_IN_MEMBER, DROPPED_IN_MEMBER)
            .with_context(|| format!("member {name}"))?;
    }
    Ok(())
}

/// Removes the dropped traits; fails at one that is neither kept nor dropped.
fn keep(traits: &mut Traits, kept: &[&str], dropped: &[&str]) -> Result<()> {
    traits.retain(|name, _| !dropped.contains(&name.as_str()));
    match traits.keys().find(|name| !kept.contains(&name.as_str())) {
        Some(unknown) => {
            bail!("unknown trait `{unknown}`: list it as kept or dropped in models/source.rs")
        }
        None => Ok(()),
    }
}

/// Inputs, outputs and errors are references, and botocore documents some of them in place.
fn drop_documentation(operation: &mut Traits) {
    for reference in operation.values_mut() {
        if let Value::Object(traits) = reference {
            traits.remove("documentation");
        }
    }
}

/// The names of all shapes that the operations reach.
fn reach(
    operations: &BTreeMap<String, Traits>,
    shapes: &BTreeMap<String, Shape>,
) -> Result<BTreeSet<String>> {
    let mut reached = BTreeSet::new();
    let mut pending: Vec<String> = operations.values().flat_map(roots).collect();
    while let Some(name) = pending.pop() {
        let shape = shapes.get(&name).with_context(|| format!("shape {name} is missing"))?;
        if reached.insert(name) {
            pending.extend(shape.references().map(str::to_owned));
        }
    }
    Ok(reached)
}

fn roots(operation: &Traits) -> Vec<String> {
    let errors = operation.get("errors").and_then(Value::as_array).into_iter().flatten();
    let both = ["input", "output"].into_iter().filter_map(|name| operation.get(name));
    both.chain(errors)
        .filter_map(|reference| reference.get("shape").and_then(Value::as_str))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFICIAL: &str = r#"{
        "metadata": {"protocol": "json", "uid": "x"},
        "operations": {
            "Put": {"name": "Put", "http": {}, "input": {"shape": "PutInput"},
                    "errors": [{"shape": "Full"}], "documentation": "long"},
            "Get": {"name": "Get", "http": {}, "input": {"shape": "GetInput"}}
        },
        "shapes": {
            "PutInput": {"type": "structure", "documentation": "long", "members": {
                "documentation": {"shape": "Names", "documentation": "long"},
                "A": {"shape": "Name"}}},
            "Names": {"type": "list", "member": {"shape": "Name", "documentation": "long"}},
            "Name": {"type": "string", "max": 3},
            "Full": {"type": "structure", "members": {}, "exception": true},
            "GetInput": {"type": "structure", "members": {}}
        }
    }"#;

    fn model() -> Model {
        serde_json::from_str(OFFICIAL).unwrap()
    }

    #[test]
    fn pruning_keeps_what_the_operations_reach_and_nothing_else() {
        let pruned = model().prune(&["Put"]).unwrap();
        let names: Vec<_> = pruned.shapes.keys().collect();
        assert_eq!(names, ["Full", "Name", "Names", "PutInput"]);
        assert_eq!(pruned.operations.keys().collect::<Vec<_>>(), ["Put"]);
    }

    #[test]
    fn pruning_drops_documentation_but_keeps_a_member_of_that_name_and_the_order() {
        let pruned = model().prune(&["Put"]).unwrap();
        let text = serde_json::to_string(&pruned.shapes["PutInput"]).unwrap();
        let expected = r#"{"type":"structure","members":{"documentation":{"shape":"Names"},"A":{"shape":"Name"}}}"#;
        assert_eq!(text, expected);
    }

    #[test]
    fn an_unknown_trait_stops_the_extraction() {
        let mut model = model();
        model.shapes.get_mut("Name").unwrap().traits.insert("novel".to_owned(), Value::Bool(true));
        let error = format!("{:#}", model.prune(&["Put"]).err().unwrap());
        assert!(error.contains("shape Name: unknown trait `novel`"), "{error}");
    }

    #[test]
    fn an_operation_that_the_official_model_lacks_is_named() {
        let error = model().prune(&["Push"]).err().unwrap().to_string();
        assert_eq!(error, "the official model has no operation Push");
    }
}
