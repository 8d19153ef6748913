//! What templates say lies in Parameter Store: values of parameters, and dynamic references.

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
    let names: BTreeSet<String> = wanted.values().cloned().collect();
    let missing = |names: &str| {
        format!("Unable to fetch parameters [{names}] from parameter store for this account.")
    };
    let secret = |name: &str| {
        format!(
            "Parameters [{name}] referenced by template have types not supported by CloudFormation."
        )
    };
    let found = Read { stacks, caller, missing: &missing, secret: &secret }.all(&names).await?;
    let value = |(key, name): (String, String)| Some((key, found.get(&name)?.clone()));
    Ok(wanted.into_iter().filter_map(value).collect())
}

/// The values of dynamic references, read as `caller`.
///
/// # Errors
/// `ValidationError` if one is not there, or is a secret.
pub(super) async fn resolved_values(
    stacks: &Stacks,
    caller: &Caller,
    names: BTreeSet<String>,
) -> Result<BTreeMap<String, String>, Fault> {
    let missing = |names: &str| format!("Parameters: [{names}] cannot be found.");
    let secret =
        |name: &str| format!("Non-secure ssm prefix was used for secure parameter: [{name}]");
    let read = Read { stacks, caller, missing: &missing, secret: &secret };
    let mut found = read.all(&names).await?;
    found.retain(|name, _| names.contains(name));
    Ok(found)
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

/// Who reads, and what they are told.
struct Read<'a> {
    stacks: &'a Stacks,
    caller: &'a Caller,
    /// What is said of names that are not there.
    missing: &'a (dyn Fn(&str) -> String + Sync),
    /// What is said of a secret.
    secret: &'a (dyn Fn(&str) -> String + Sync),
}

impl Read<'_> {
    /// The values of all names, by name and by ARN.
    async fn all(&self, names: &BTreeSet<String>) -> Result<BTreeMap<String, String>, Fault> {
        let names: Vec<&String> = names.iter().collect();
        let mut found = BTreeMap::new();
        for names in names.chunks(NAMES) {
            found.extend(self.some(names).await?);
        }
        Ok(found)
    }

    async fn some(&self, names: &[&String]) -> Result<Vec<(String, String)>, Fault> {
        let unconnected = || Fault::internal("the platform is not connected");
        let calls = self.stacks.platform.calls().ok_or_else(unconnected)?;
        let answer = calls.call(self.caller, "ssm", "GetParameters", json!({"Names": names})).await;
        let answer = answer.map_err(|fault| match fault.http_status() {
            500.. => fault,
            _ => Error::validation(fault.message()).into(),
        })?;
        let missing: Vec<&str> =
            list(&answer, "InvalidParameters").filter_map(Value::as_str).collect();
        if !missing.is_empty() {
            return Err(Error::validation((self.missing)(&missing.join(", "))).into());
        }
        let mut found = Vec::new();
        for parameter in list(&answer, "Parameters") {
            let text = |member: &str| parameter[member].as_str().unwrap_or_default();
            if text("Type") == "SecureString" {
                return Err(Error::validation((self.secret)(text("Name"))).into());
            }
            for name in ["Name", "ARN"] {
                let name = format!("{}{}", text(name), text("Selector"));
                found.push((name, text("Value").to_owned()));
            }
        }
        Ok(found)
    }
}

fn list<'a>(answer: &'a Value, member: &str) -> impl Iterator<Item = &'a Value> {
    answer[member].as_array().into_iter().flatten()
}
