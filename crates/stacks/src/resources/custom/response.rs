//! What the function of a custom resource answers.

use super::ask::{Ask, Kind};
use crate::config;
use serde_json::{Map, Value};
use service::{Fault, Resource, ResourceContext};

/// Why a request failed that nobody answered.
pub(super) fn timed_out(id: &str) -> String {
    format!(
        "CloudFormation did not receive a response from your Custom Resource. Please check your \
         logs for requestId [{id}]. If you are using the Python cfn-response module, you may need \
         to update your Lambda function code so that CloudFormation can attach the updated version."
    )
}

/// The resource that an answer tells of.
///
/// # Errors
/// The failure that it tells of, or what is wrong with it.
pub(super) fn read(
    ask: &Ask<'_>,
    cx: &ResourceContext,
    id: &str,
    text: &str,
) -> Result<Resource, Fault> {
    let failure =
        |text: &str, physical_id: Option<&str>| Err(ask.failure(text.to_owned(), physical_id));
    if text.len() > config::RESPONSE_BYTES {
        return failure("Response object is too long.", None);
    }
    let Ok(Value::Object(answer)) = serde_json::from_str(text) else {
        return failure("Invalid response: it is not a JSON object.", None);
    };
    let said = |name: &str| answer.get(name).and_then(Value::as_str);
    let physical_id = said("PhysicalResourceId").filter(|id| !id.is_empty());
    let expected = [
        ("StackId", cx.stack_id.as_str()),
        ("RequestId", id),
        ("LogicalResourceId", cx.logical_id.as_str()),
    ];
    if let Some((name, _)) = expected.iter().find(|(name, value)| said(name) != Some(*value)) {
        return failure(&format!("Invalid {name}"), physical_id);
    }
    match said("Status") {
        Some("SUCCESS") => {}
        Some("FAILED") => {
            let reason = said("Reason").unwrap_or("null");
            let text = format!(
                "Received response status [FAILED] from custom resource. Message returned: \
                 {reason} (RequestId: {id})"
            );
            return failure(&text, physical_id);
        }
        _ => return failure("Invalid Status: it must be SUCCESS or FAILED", physical_id),
    }
    if physical_id.is_some_and(|id| id.chars().count() > config::PHYSICAL_ID_CHARS) {
        return failure("Invalid PhysicalResourceId", None);
    }
    let physical_id = match (&ask.kind, physical_id) {
        (Kind::Delete { physical_id }, _) => *physical_id,
        (_, Some(id)) => id,
        (_, None) => return failure("Invalid PhysicalResourceId", None),
    };
    let attributes = match answer.get("Data") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(data)) => data.clone(),
        Some(_) => return failure("Invalid Data: it must be a JSON object", Some(physical_id)),
    };
    Ok(Resource { physical_id: physical_id.to_owned(), attributes })
}
