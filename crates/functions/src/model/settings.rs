//! The configuration of a function: what a request may say, what is stored, and the rules between.

use super::{
    layer::LayerRef,
    logging::{JsonLog, LoggingInput},
};
use crate::{
    Error, config,
    vault::{Environment, Sealed, Vault},
};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned, de::Error as _};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, fmt::Display, ops::RangeInclusive};
use types::{Arn, Secret};

/// The stored configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) runtime: String,
    pub(crate) handler: String,
    pub(crate) role: Arn,
    pub(crate) description: String,
    pub(crate) timeout_seconds: u32,
    pub(crate) memory_mib: u32,
    pub(crate) tmp_mib: u32,
    pub(crate) environment: Option<Sealed>,
    pub(crate) dead_letter: Option<Arn>,
    /// `Active` or `PassThrough`.
    pub(crate) tracing: String,
    /// What the code was marked for; it runs on this host's architecture.
    pub(crate) architecture: String,
    pub(crate) log_group: Option<String>,
    /// Absent where the log is text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) json_log: Option<JsonLog>,
    /// In the order in which they cover each other: the last one wins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) layers: Vec<LayerRef>,
}

/// The members that CreateFunction and UpdateFunctionConfiguration share. What is absent stays as
/// it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct SettingsInput {
    pub(crate) runtime: Option<String>,
    pub(crate) handler: Option<String>,
    pub(crate) role: Option<Arn>,
    description: Option<String>,
    timeout: Option<u32>,
    memory_size: Option<u32>,
    environment: Option<EnvironmentInput>,
    dead_letter_config: Option<DeadLetter>,
    tracing_config: Option<Tracing>,
    ephemeral_storage: Option<Storage>,
    logging_config: Option<LoggingInput>,
    vpc_config: Option<Value>,
    file_system_configs: Option<Value>,
    pub(crate) layers: Option<Vec<String>>,
    #[serde(rename = "KMSKeyArn")]
    kms_key_arn: Option<Value>,
    image_config: Option<Value>,
    snap_start: Option<SnapStart>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct EnvironmentInput {
    #[serde(default)]
    variables: BTreeMap<String, String>,
}

// Values of an environment never reach a log.
impl std::fmt::Debug for EnvironmentInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.variables.keys()).finish()
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DeadLetter {
    target_arn: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Tracing {
    mode: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Storage {
    size: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SnapStart {
    apply_on: Option<String>,
}

/// Where code comes from, in the members of `Code` or of UpdateFunctionCode.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CodeLocation {
    pub(crate) zip_file: Option<service::Base64>,
    pub(crate) s3_bucket: Option<String>,
    pub(crate) s3_key: Option<String>,
    pub(crate) s3_object_version: Option<String>,
    pub(crate) image_uri: Option<Value>,
}

/// `Architectures`: one of them, x86_64 unless told.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Architectures(Vec<String>);

impl Architectures {
    pub(crate) fn one(self_: Option<&Self>) -> Result<String, Error> {
        match self_.map(|list| list.0.as_slice()) {
            None => Ok("x86_64".to_owned()),
            Some([one]) => Ok(one.clone()),
            Some(list) => Err(Error::Validation(format!(
                "Value '[{}]' at 'architectures' failed to satisfy constraint: Member must have \
                 length less than or equal to 1",
                list.join(", ")
            ))),
        }
    }
}

/// Decodes an operation's own members and those of [`SettingsInput`] from one structure, each
/// refusing what it does not know.
pub(crate) fn split<'de, D: Deserializer<'de>, Own: DeserializeOwned>(
    deserializer: D,
    own: &[&str],
) -> Result<(Own, SettingsInput), D::Error> {
    let members = Map::<String, Value>::deserialize(deserializer)?;
    let (own, rest): (Map<_, _>, Map<_, _>) =
        members.into_iter().partition(|(name, _)| own.contains(&name.as_str()));
    let own = serde_json::from_value(own.into()).map_err(D::Error::custom)?;
    let rest = serde_json::from_value(rest.into()).map_err(D::Error::custom)?;
    Ok((own, rest))
}

impl Settings {
    /// The defaults of a new function.
    pub(crate) fn new(runtime: &str, handler: &str, role: &Arn, architecture: String) -> Self {
        Self {
            runtime: runtime.to_owned(),
            handler: handler.to_owned(),
            role: role.clone(),
            description: String::new(),
            timeout_seconds: config::DEFAULT_TIMEOUT_SECONDS,
            memory_mib: config::DEFAULT_MEMORY_MIB,
            tmp_mib: config::DEFAULT_TMP_MIB,
            environment: None,
            dead_letter: None,
            tracing: "PassThrough".to_owned(),
            architecture,
            log_group: None,
            json_log: None,
            layers: Vec::new(),
        }
    }

    /// Applies what a request says.
    pub(crate) fn apply(
        &mut self,
        input: &SettingsInput,
        vault: &Vault,
        function: &Arn,
        nonce: [u8; 24],
    ) -> Result<(), Error> {
        input.refuse_what_is_not_implemented()?;
        if let Some(runtime) = &input.runtime {
            check_runtime(runtime)?;
            self.runtime.clone_from(runtime);
        }
        set(&mut self.handler, input.handler.as_ref());
        set(&mut self.role, input.role.as_ref());
        set(&mut self.description, input.description.as_ref());
        ranged(&mut self.timeout_seconds, input.timeout, "timeout", config::TIMEOUT_SECONDS)?;
        ranged(&mut self.memory_mib, input.memory_size, "memorySize", config::MEMORY_MIB)?;
        let size = input.ephemeral_storage.as_ref().map(|storage| storage.size);
        ranged(&mut self.tmp_mib, size, "ephemeralStorage.size", config::TMP_MIB)?;
        if let Some(environment) = &input.environment {
            self.environment = seal(environment, vault, function, nonce)?;
        }
        if let Some(target) = &input.dead_letter_config {
            self.dead_letter = dead_letter(target.target_arn.as_deref())?;
        }
        let mode = input.tracing_config.as_ref().and_then(|tracing| tracing.mode.as_ref());
        set(&mut self.tracing, mode);
        if let Some(logging) = &input.logging_config {
            self.json_log = logging.format()?;
            self.log_group.clone_from(&logging.log_group);
        }
        Ok(())
    }
}

impl SettingsInput {
    fn refuse_what_is_not_implemented(&self) -> Result<(), Error> {
        let unsupported = [
            ("VpcConfig", &self.vpc_config),
            ("FileSystemConfigs", &self.file_system_configs),
            ("KMSKeyArn", &self.kms_key_arn),
            ("ImageConfig", &self.image_config),
        ];
        for (name, value) in unsupported {
            if value.as_ref().is_some_and(|value| !is_empty(value)) {
                return Err(Error::Unsupported(format!("the parameter {name} of functions")));
            }
        }
        let snap_start = self.snap_start.as_ref().and_then(|snap| snap.apply_on.as_deref());
        if snap_start.is_some_and(|apply_on| apply_on != "None") {
            return Err(Error::Unsupported("the parameter SnapStart of functions".to_owned()));
        }
        Ok(())
    }
}

/// Empty lists, structures of empty members and empty texts ask for nothing.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_empty),
        _ => false,
    }
}

fn set<T: Clone>(current: &mut T, wanted: Option<&T>) {
    if let Some(wanted) = wanted {
        current.clone_from(wanted);
    }
}

fn ranged(
    current: &mut u32,
    wanted: Option<u32>,
    member: &str,
    range: RangeInclusive<u32>,
) -> Result<(), Error> {
    let Some(value) = wanted else { return Ok(()) };
    let constraint = |relation: &str, bound: &dyn Display| {
        Error::Validation(format!(
            "Value '{value}' at '{member}' failed to satisfy constraint: Member must have value \
             {relation} than or equal to {bound}"
        ))
    };
    if value > *range.end() {
        return Err(constraint("less", range.end()));
    }
    if value < *range.start() {
        return Err(constraint("greater", range.start()));
    }
    *current = value;
    Ok(())
}

/// Python, Node.js and programs that speak the Runtime API themselves; which versions are
/// installed is known at the start only.
pub(crate) fn check_runtime(runtime: &str) -> Result<(), Error> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let known = runtime.strip_prefix("python3.").is_some_and(digits)
        || runtime.strip_prefix("nodejs").and_then(|r| r.strip_suffix(".x")).is_some_and(digits)
        || matches!(runtime, "provided" | "provided.al2" | "provided.al2023");
    if known { Ok(()) } else { Err(Error::Unsupported(format!("the runtime {runtime}"))) }
}

/// The names that the platform sets itself. (`AWS_LAMBDA_EXEC_WRAPPER` and the like are the
/// function's.)
const RESERVED: [&str; 18] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

fn seal(
    input: &EnvironmentInput,
    vault: &Vault,
    function: &Arn,
    nonce: [u8; 24],
) -> Result<Option<Sealed>, Error> {
    let variables = &input.variables;
    let unable = "Lambda was unable to configure your environment variables because the \
                  environment variables you have provided";
    let reserved: Vec<&str> =
        RESERVED.into_iter().filter(|name| variables.contains_key(*name)).collect();
    if !reserved.is_empty() {
        return Err(Error::InvalidParameterValue(format!(
            "{unable} contains reserved keys that are currently not supported for modification. \
             Reserved keys used in this request: {}",
            reserved.join(", ")
        )));
    }
    let text = serde_json::to_string(variables).unwrap_or_default();
    if text.len() > config::ENVIRONMENT_BYTES {
        return Err(Error::InvalidParameterValue(format!(
            "{unable} exceeded the 4KB limit. String measured: {text}"
        )));
    }
    if variables.is_empty() {
        return Ok(None);
    }
    let environment: Environment =
        variables.iter().map(|(name, value)| (name.clone(), Secret::new(value.as_str()))).collect();
    vault.seal(&environment, function, nonce).map(Some)
}

fn dead_letter(target: Option<&str>) -> Result<Option<Arn>, Error> {
    let Some(text) = target.filter(|text| !text.is_empty()) else { return Ok(None) };
    let invalid = |_| Error::InvalidParameterValue(format!("{text} is not a valid ARN"));
    let arn: Arn = text.parse().map_err(invalid)?;
    if arn.service() != "sqs" {
        let what = format!("dead letters of functions to {}; queues are supported", arn.service());
        return Err(Error::Unsupported(what));
    }
    check_standard(&arn)?;
    Ok(Some(arn))
}

/// Failed events go to standard queues only ("Capturing records of Lambda asynchronous invocations").
pub(crate) fn check_standard(queue: &Arn) -> Result<(), Error> {
    if queue.resource().ends_with(".fifo") {
        let text =
            format!("The queue {queue} is a FIFO queue. Only standard queues are supported.");
        return Err(Error::InvalidParameterValue(text));
    }
    Ok(())
}
