//! `ProvisionedConcurrencyConfig` of versions and aliases.

use serde_json::{Map, Value, json};
use service::{Fault, PropertyError, ResourceContext};
use std::time::Duration;

pub(super) const NAME: &str = "ProvisionedConcurrencyConfig";
const COUNT: &str = "ProvisionedConcurrentExecutions";

/// When one looks again whether the instances are ready.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// It has one member, and needs it.
pub(super) fn check(properties: &Map<String, Value>) -> Result<(), PropertyError> {
    let Some(Value::Object(members)) = properties.get(NAME) else { return Ok(()) };
    match members.keys().find(|name| *name != COUNT) {
        None => Ok(()),
        Some(name) => Err(PropertyError {
            path: format!("{NAME}.{name}"),
            message: format!("Pileus does not support this property; {NAME} has {COUNT} only"),
        }),
    }
}

/// Has as many instances kept ready as the template says, and ends when they are. Where it says
/// nothing and said nothing before, nothing is asked for, and no permission for it.
pub(super) async fn set(
    cx: &ResourceContext,
    (function, qualifier): (&Value, &Value),
    before: &Map<String, Value>,
    wanted: &Map<String, Value>,
) -> Result<(), Fault> {
    let mut input = json!({"FunctionName": function, "Qualifier": qualifier});
    let Some(config) = wanted.get(NAME) else {
        return match before.get(NAME) {
            Some(_) => {
                let deleted = cx.call("lambda", "DeleteProvisionedConcurrencyConfig", input).await;
                deleted.map(drop)
            }
            None => Ok(()),
        };
    };
    let found = cx.call("lambda", "GetProvisionedConcurrencyConfig", input.clone()).await;
    let found = match found {
        Err(fault) if fault.code() == "ProvisionedConcurrencyConfigNotFoundException" => {
            Value::Null
        }
        found => found?,
    };
    let count = super::values::number(&config[COUNT]);
    if found[format!("Requested{COUNT}")] != count {
        input[COUNT] = count;
        cx.call("lambda", "PutProvisionedConcurrencyConfig", input).await?;
        return Err(Fault::unfinished(LOOK_AGAIN));
    }
    match found["Status"].as_str() {
        Some("READY") => Ok(()),
        Some("FAILED") => {
            let reason = found["StatusReason"].as_str().unwrap_or_default();
            let text = format!(
                "Provisioned Concurrency configuration failed to be applied. Reason: {reason}"
            );
            Err(Fault::sender("NotStabilized", text))
        }
        _ => Err(Fault::unfinished(LOOK_AGAIN)),
    }
}
