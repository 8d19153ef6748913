//! One service model, as `cargo xtask models` wrote it.

use crate::shape::{Shape, ShapeRef};
use serde::Deserialize;
use std::collections::HashMap;

/// A model that cannot be read: a defect of the checked-in file.
#[derive(Debug, thiserror::Error)]
#[error("a service model cannot be read: {0}")]
pub struct ModelError(#[from] serde_json::Error);

/// A service model: protocol, operations, shapes.
#[derive(Debug, Deserialize)]
pub struct Model {
    pub(crate) metadata: Metadata,
    pub(crate) operations: HashMap<String, OperationModel>,
    pub(crate) shapes: HashMap<String, Shape>,
    /// The requests of operations that are not implemented, where only the query tells them from
    /// those that are.
    #[serde(default)]
    pub(crate) refused: HashMap<String, RefusedRequest>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefusedRequest {
    pub(crate) method: String,
    pub(crate) request_uri: String,
    /// Required parameters of the query.
    #[serde(default)]
    pub(crate) query: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) api_version: String,
    pub(crate) protocol: String,
    pub(crate) json_version: Option<String>,
    pub(crate) target_prefix: Option<String>,
    pub(crate) xml_namespace: Option<XmlNamespace>,
    pub(crate) aws_query_compatible: Option<serde_json::Value>,
}

/// A namespace is a text in some models and a structure in others.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum XmlNamespace {
    Uri(String),
    Structure { uri: String },
}

impl XmlNamespace {
    pub(crate) fn uri(&self) -> &str {
        match self {
            Self::Uri(uri) | Self::Structure { uri } => uri,
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct OperationModel {
    #[serde(skip)]
    pub(crate) name: String,
    pub(crate) http: Http,
    /// Whether its members come as a form (`multipart/form-data`).
    #[serde(default)]
    pub(crate) form: bool,
    pub(crate) input: Option<ShapeRef>,
    pub(crate) output: Option<ShapeRef>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Http {
    pub(crate) method: String,
    pub(crate) request_uri: String,
    pub(crate) response_code: Option<u16>,
}

/// The member that is a body.
#[derive(Clone, Copy)]
pub(crate) struct Payload<'a> {
    pub(crate) name: &'a str,
    pub(crate) reference: &'a ShapeRef,
    pub(crate) shape: &'a Shape,
}

impl Model {
    /// Reads a model.
    ///
    /// # Errors
    /// The text is no model.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let mut model: Self = serde_json::from_str(text)?;
        for (name, operation) in &mut model.operations {
            operation.name.clone_from(name);
        }
        Ok(model)
    }

    /// The names of all operations, sorted.
    #[must_use]
    pub fn operation_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.operations.values().map(|o| o.name.as_str()).collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn shape(&self, reference: &ShapeRef) -> Option<&Shape> {
        self.shapes.get(&reference.shape)
    }

    pub(crate) fn input(&self, operation: &OperationModel) -> Option<&Shape> {
        self.shape(operation.input.as_ref()?)
    }

    /// The member that is the body, with its shape.
    pub(crate) fn payload<'a>(&'a self, shape: &'a Shape) -> Option<Payload<'a>> {
        let (name, reference) = shape.members.get_key_value(shape.payload.as_ref()?)?;
        Some(Payload { name, reference, shape: self.shape(reference)? })
    }

    pub(crate) fn output(&self, operation: &OperationModel) -> Option<&Shape> {
        self.shape(operation.output.as_ref()?)
    }
}
