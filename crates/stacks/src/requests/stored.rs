//! Parameters of templates whose values lie in Parameter Store.

use crate::{Error, Stacks};
use serde_json::{Value, json};
use service::{Caller, Fault};
use std::collections::{BTreeMap, BTreeSet};
use template::{Document, summary};

/// Names that one request to Parameter Store may have.
const NAMES: usize = 10;

/// The values of the parameters of a template that name stored ones, read as `caller`.
///
/// # Errors
/// `ValidationError` if one is not there, is a secret, or its name does not meet the constraints.
pub(super) async fn stored_values(
    stacks: &Stacks,
    caller: &Caller,
    text: &str,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Fault> {
    let wanted = wanted(text, given)?;
    let names: BTreeSet<&String> = wanted.values().collect();
    let names: Vec<&String> = names.into_iter().collect();
    let mut found = BTreeMap::new();
    for names in names.chunks(NAMES) {
        found.extend(read(stacks, caller, names).await?);
    }
    let value = |(key, name): (String, String)| Some((key, found.get(&name)?.clone()));
    Ok(wanted.into_iter().filter_map(value).collect())
}

/// The names of the stored parameters by those of the template's.
fn wanted(text: &str, given: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Error> {
    let summary = Document::parse(text).and_then(|document| summary::summarize(&document));
    // What cannot be read is told by whoever reads the whole template.
    let Ok(summary) = summary else { return Ok(BTreeMap::new()) };
    let mut wanted = BTreeMap::new();
    for (key, parameter) in summary.parameters.into_iter().filter(|(_, one)| one.is_stored) {
        let Some(name) = given.get(&key).or(parameter.default.as_ref()) else { continue };
        parameter.check_given(&key, name)?;
        wanted.insert(key, name.clone());
    }
    Ok(wanted)
}

async fn read(
    stacks: &Stacks,
    caller: &Caller,
    names: &[&String],
) -> Result<Vec<(String, String)>, Fault> {
    let unconnected = || Fault::internal("the platform is not connected");
    let calls = stacks.platform.calls().ok_or_else(unconnected)?;
    let answer = calls.call(caller, "ssm", "GetParameters", json!({"Names": names})).await;
    let answer = answer.map_err(|fault| match fault.http_status() {
        500.. => fault,
        _ => Error::validation(fault.message()).into(),
    })?;
    let missing: Vec<&str> = list(&answer, "InvalidParameters").filter_map(Value::as_str).collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        let text = format!(
            "Unable to fetch parameters [{missing}] from parameter store for this account."
        );
        return Err(Error::validation(text).into());
    }
    let mut found = Vec::new();
    for parameter in list(&answer, "Parameters") {
        let text = |member: &str| parameter[member].as_str().unwrap_or_default();
        if text("Type") == "SecureString" {
            let text = format!(
                "Parameters [{}] referenced by template have types not supported by CloudFormation.",
                text("Name")
            );
            return Err(Error::validation(text).into());
        }
        for name in ["Name", "ARN"] {
            let name = format!("{}{}", text(name), text("Selector"));
            found.push((name, text("Value").to_owned()));
        }
    }
    Ok(found)
}

fn list<'a>(answer: &'a Value, member: &str) -> impl Iterator<Item = &'a Value> {
    answer[member].as_array().into_iter().flatten()
}
