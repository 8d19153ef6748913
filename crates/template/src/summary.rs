//! What `GetTemplateSummary` and `ValidateTemplate` tell about a template.

use indexmap::{IndexMap, IndexSet};

use crate::document::Document;
use crate::error::Result;
use crate::node::Node;
use crate::sections::{self, Parameter};

/// What the caller must acknowledge before the template is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capability {
    /// `CAPABILITY_IAM`: it makes IAM resources.
    Iam,
    /// `CAPABILITY_NAMED_IAM`: it makes IAM resources with names of its own.
    NamedIam,
    /// `CAPABILITY_AUTO_EXPAND`: it has transforms.
    AutoExpand,
}

impl Capability {
    /// The name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Iam => "CAPABILITY_IAM",
            Self::NamedIam => "CAPABILITY_NAMED_IAM",
            Self::AutoExpand => "CAPABILITY_AUTO_EXPAND",
        }
    }
}

/// A summary of a template.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The description, empty if there is none.
    pub description: String,
    /// The format version, if it is declared.
    pub version: Option<String>,
    /// The parameters by name.
    pub parameters: IndexMap<String, Parameter>,
    /// The types of the resources, each once.
    pub resource_types: IndexSet<String>,
    /// What must be acknowledged. `NamedIam` includes `Iam`, which is then not listed.
    pub capabilities: Vec<Capability>,
    /// Why, in CloudFormation's words.
    pub capabilities_reason: Option<String>,
    /// The declared transforms.
    pub transforms: Vec<String>,
    /// The metadata section as JSON text.
    pub metadata: Option<String>,
}

/// IAM types, and the property that names a resource of the type.
const IAM: [(&str, Option<&str>); 8] = [
    ("AWS::IAM::AccessKey", None),
    ("AWS::IAM::Group", Some("GroupName")),
    ("AWS::IAM::InstanceProfile", Some("InstanceProfileName")),
    ("AWS::IAM::ManagedPolicy", Some("ManagedPolicyName")),
    ("AWS::IAM::Policy", None),
    ("AWS::IAM::Role", Some("RoleName")),
    ("AWS::IAM::User", Some("UserName")),
    ("AWS::IAM::UserToGroupAddition", None),
];

/// Summarises a document, with or without its transforms applied. Before the transform, a SAM function
/// that will get a role counts as an IAM resource.
///
/// # Errors
/// A malformed section, parameter or resource.
pub fn summarize(document: &Document) -> Result<Summary> {
    let resources = document.section_map("Resources")?;
    let transforms: Vec<String> =
        document.transforms()?.into_iter().map(|(name, _)| name).collect();
    let mut iam: IndexSet<&str> = IndexSet::new();
    let mut named = false;
    let mut resource_types = IndexSet::new();
    for resource in resources.values() {
        let kind = resource.get("Type").and_then(Node::as_str).unwrap_or_default().trim();
        resource_types.insert(kind.to_owned());
        let property = |name: &str| resource.at_path(&["Properties", name]).is_some();
        if let Some((_, name)) = IAM.iter().find(|(one, _)| *one == kind) {
            iam.insert(kind);
            named |= name.is_some_and(property);
        }
        if kind == "AWS::Serverless::Function" && !property("Role") {
            iam.insert("AWS::IAM::Role");
        }
    }
    let mut capabilities = Vec::new();
    if named {
        capabilities.push(Capability::NamedIam);
    } else if !iam.is_empty() {
        capabilities.push(Capability::Iam);
    }
    if !transforms.is_empty() {
        capabilities.push(Capability::AutoExpand);
    }
    let types: Vec<_> = iam.into_iter().collect();
    let capabilities_reason = (!types.is_empty())
        .then(|| format!("The following resource(s) require capabilities: [{}]", types.join(", ")));
    let text = |name: &str| document.section(name).and_then(Node::scalar_text);
    Ok(Summary {
        description: text("Description").unwrap_or_default(),
        version: text("AWSTemplateFormatVersion"),
        parameters: sections::parameters(document)?,
        resource_types,
        capabilities,
        capabilities_reason,
        transforms,
        metadata: document.section("Metadata").map(|node| node.to_json().to_string()),
    })
}
