//! Parameters as replies show them.

use super::{Asked, Kind, Parameter, Stored, Vault, Version, arn};
use crate::{config, keys::Place};
use serde::Serialize;
use service::{Context, Seconds};

/// The only data type that there is.
const TEXT: &str = "text";

/// A parameter with its value: `Parameter`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Shown {
    name: String,
    r#type: &'static str,
    value: String,
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    selector: Option<String>,
    last_modified_date: Seconds,
    #[serde(rename = "ARN")]
    arn: String,
    data_type: &'static str,
}

/// What a parameter is: `ParameterMetadata`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Described {
    name: String,
    #[serde(rename = "ARN")]
    arn: String,
    #[serde(flatten)]
    common: Common,
}

/// A version: `ParameterHistory`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct HistoryEntry {
    name: String,
    value: String,
    labels: Vec<String>,
    #[serde(flatten)]
    common: Common,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Common {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<&'static str>,
    last_modified_date: Seconds,
    last_modified_user: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_pattern: Option<String>,
    version: u64,
    tier: &'static str,
    policies: [(); 0],
    data_type: &'static str,
}

impl From<&Version> for Common {
    fn from(version: &Version) -> Self {
        Self {
            r#type: version.kind.name(),
            key_id: (version.kind == Kind::SecureString).then_some(config::KMS_KEY),
            last_modified_date: Seconds(version.modified),
            last_modified_user: version.modified_by.clone(),
            description: version.description.clone(),
            allowed_pattern: version.allowed_pattern.clone(),
            version: version.number,
            tier: version.tier.name(),
            policies: [],
            data_type: TEXT,
        }
    }
}

/// The value; of a secret the ciphertext, unless it is to be opened.
fn value(
    ctx: &Context,
    vault: &Vault,
    name: &str,
    version: &Version,
    decrypt: bool,
) -> Result<String, kv::Error> {
    match &version.value {
        Stored::Sealed(sealed) if !decrypt => Ok(sealed.clone()),
        _ => Ok(vault.open(&Place::of(ctx), name, version)?.expose().to_owned()),
    }
}

impl Shown {
    pub(crate) fn new(
        ctx: &Context,
        vault: &Vault,
        (parameter, version): (&Parameter, &Version),
        asked: Option<&Asked>,
        decrypt: bool,
    ) -> Result<Self, kv::Error> {
        Ok(Self {
            name: parameter.name.clone(),
            r#type: version.kind.name(),
            value: value(ctx, vault, &parameter.name, version, decrypt)?,
            version: version.number,
            selector: asked.and_then(Asked::selector_text),
            last_modified_date: Seconds(version.modified),
            arn: arn(ctx, &parameter.name).to_string(),
            data_type: TEXT,
        })
    }
}

impl Described {
    pub(crate) fn new(ctx: &Context, parameter: &Parameter) -> Self {
        Self {
            name: parameter.name.clone(),
            arn: arn(ctx, &parameter.name).to_string(),
            common: Common::from(&parameter.current),
        }
    }
}

impl HistoryEntry {
    pub(crate) fn new(
        ctx: &Context,
        vault: &Vault,
        (parameter, version): (&Parameter, &Version),
        decrypt: bool,
    ) -> Result<Self, kv::Error> {
        Ok(Self {
            name: parameter.name.clone(),
            value: value(ctx, vault, &parameter.name, version, decrypt)?,
            labels: parameter.labels_of(version.number),
            common: Common::from(version),
        })
    }
}
