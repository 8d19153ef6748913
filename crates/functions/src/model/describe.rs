//! A function as the API tells it.

use super::{Function, logging};
use crate::{Error, vault::Vault};
use serde::Serialize;
use serde_json::{Value, json};
use time::macros::format_description;
use types::{Arn, Timestamp};

/// `FunctionConfiguration`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Configuration {
    function_name: String,
    function_arn: Arn,
    runtime: String,
    role: Arn,
    handler: String,
    code_size: u64,
    description: String,
    timeout: u32,
    memory_size: u32,
    last_modified: String,
    code_sha256: String,
    version: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    layers: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead_letter_config: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<Value>,
    tracing_config: Value,
    revision_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_update_status: Option<&'static str>,
    package_type: &'static str,
    architectures: [String; 1],
    ephemeral_storage: Value,
    snap_start: Value,
    logging_config: Value,
}

impl Configuration {
    /// As lists tell it: without the state.
    pub(crate) fn in_list(self) -> Self {
        Self { state: None, last_update_status: None, ..self }
    }

    /// With the ARN by which it was asked for.
    pub(crate) fn called(self, function_arn: Arn) -> Self {
        Self { function_arn, ..self }
    }
}

/// Describes a function; its environment is opened.
pub(crate) fn describe(function: &Function, vault: &Vault) -> Result<Configuration, Error> {
    let settings = &function.settings;
    let environment = settings.environment.as_ref().map(|sealed| vault.open(sealed, &function.arn));
    let environment = environment.transpose()?.map(|environment| {
        let variables: serde_json::Map<String, Value> =
            environment.iter().map(|(name, value)| (name.clone(), value.expose().into())).collect();
        json!({"Variables": variables})
    });
    Ok(Configuration {
        function_name: function.name.clone(),
        function_arn: match function.version {
            None => function.arn.clone(),
            Some(_) => function.qualified_arn(),
        },
        runtime: settings.runtime.clone(),
        role: settings.role.clone(),
        handler: settings.handler.clone(),
        code_size: function.code.size,
        description: settings.description.clone(),
        timeout: settings.timeout_seconds,
        memory_size: settings.memory_mib,
        last_modified: modified(function.modified),
        code_sha256: function.code.id.base64(),
        version: function.version(),
        layers: settings
            .layers
            .iter()
            .map(|layer| json!({"Arn": layer.arn, "CodeSize": layer.code.size}))
            .collect(),
        dead_letter_config: settings.dead_letter.as_ref().map(|arn| json!({"TargetArn": arn})),
        environment,
        tracing_config: json!({"Mode": settings.tracing}),
        revision_id: function.revision.to_string(),
        state: Some("Active"),
        last_update_status: Some("Successful"),
        package_type: "Zip",
        architectures: [settings.architecture.clone()],
        ephemeral_storage: json!({"Size": settings.tmp_mib}),
        snap_start: json!({"ApplyOn": "None", "OptimizationStatus": "Off"}),
        logging_config: logging::described(settings.json_log.as_ref(), &function.log_group()),
    })
}

/// The form of Lambda's times: `2026-11-22T21:30:13.000+0000`.
pub(super) fn modified(at: Timestamp) -> String {
    let format = format_description!(
        "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]+0000"
    );
    at.to_time().format(&format).unwrap_or_default()
}
