//! What a deployment asks of somebody outside, a custom resource's function or whoever signals a wait
//! condition's handle, from when it is asked until the deployment ends.

use kv::Record;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use types::Timestamp;

/// What was asked, and what came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CustomRequest {
    /// When it was made.
    pub(crate) created: Timestamp,
    /// Until when an answer counts.
    pub(crate) deadline: Timestamp,
    /// True if the function has it for certain.
    pub(crate) sent: bool,
    /// The first answer, as it came.
    pub(crate) response: Option<String>,
    /// If it is a handle: the signals so far, by their unique ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) signals: Option<BTreeMap<String, Signal>>,
}

/// A signal to the handle of a wait condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Signal {
    pub(crate) succeeded: bool,
    pub(crate) reason: String,
    pub(crate) data: String,
}

impl Signal {
    /// The unique id and the signal of a text, if it is one.
    pub(crate) fn parse(text: &str) -> Option<(String, Self)> {
        let signal: Value = serde_json::from_str(text).ok()?;
        let said = |name: &str| match &signal[name] {
            Value::Null => Some(String::new()),
            text => text.as_str().map(str::to_owned),
        };
        let succeeded = match signal["Status"].as_str()? {
            "SUCCESS" => true,
            "FAILURE" => false,
            _ => return None,
        };
        let id = said("UniqueId").filter(|id| !id.is_empty())?;
        Some((id, Self { succeeded, reason: said("Reason")?, data: said("Data")? }))
    }
}

impl Record for CustomRequest {
    const VERSION: u8 = 1;
}
