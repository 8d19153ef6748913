//! Features of tables that can be asked for only by their default.

use crate::Error;
use serde::Deserialize;
use serde_json::Value;

/// A `StreamSpecification`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct StreamSpecification {
    pub(crate) stream_enabled: bool,
    pub(crate) stream_view_type: Option<String>,
}

/// An `SSESpecification`. Without one, DynamoDB uses a key of its own that nobody sees.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct SseSpecification {
    #[serde(default)]
    enabled: bool,
    #[serde(rename = "SSEType")]
    sse_type: Option<String>,
    #[serde(rename = "KMSMasterKeyId")]
    kms_master_key_id: Option<String>,
}

/// A parameter that is refused by its name.
pub(crate) fn refused(parameter: &str, operation: &str) -> Error {
    Error::Unsupported(format!("parameter {parameter} of {operation}"))
}

/// Refuses secondary indexes, and lists of none in the official words.
pub(crate) fn check_indexes(
    parameter: &str,
    operation: &str,
    indexes: Option<&Vec<Value>>,
) -> Result<(), Error> {
    match indexes {
        None => Ok(()),
        Some(list) if list.is_empty() => {
            Err(Error::invalid(format_args!("List of {parameter} is empty")))
        }
        Some(_) => Err(refused(parameter, operation)),
    }
}

impl StreamSpecification {
    /// Refuses a stream; asking for none is what every table has.
    pub(crate) fn check(&self, operation: &str) -> Result<(), Error> {
        match (self.stream_enabled, &self.stream_view_type) {
            (true, _) => Err(refused("StreamSpecification", operation)),
            (false, None) => Ok(()),
            (false, Some(_)) => Err(Error::invalid(
                "Table is being created with a stream disabled, UpdateViewType should not be \
                 specified",
            )),
        }
    }
}

impl SseSpecification {
    /// Refuses a key of the caller's or the account's.
    pub(crate) fn check(&self, operation: &str) -> Result<(), Error> {
        if self.enabled {
            return Err(refused("SSESpecification", operation));
        }
        let given = [("SSEType", &self.sse_type), ("KMSMasterKeyId", &self.kms_master_key_id)];
        match given.iter().find(|(_, value)| value.is_some()) {
            None => Ok(()),
            Some((name, _)) => {
                Err(Error::invalid(format_args!("{name} can not be specified if Enabled is false")))
            }
        }
    }
}

/// Refuses another table class than the usual one.
pub(crate) fn check_class(class: Option<&str>, operation: &str) -> Result<(), Error> {
    match class {
        None | Some("STANDARD") => Ok(()),
        Some(_) => Err(refused("TableClass", operation)),
    }
}
