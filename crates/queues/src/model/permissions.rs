//! The statements that `AddPermission` and `RemovePermission` keep in a queue's policy.

use super::{attributes, queue::is_simple};
use crate::{Error, config};
use serde_json::{Value, json};
use types::{AccountId, Arn};

/// The actions that `AddPermission` can give.
const ACTIONS: [&str; 8] = [
    "*",
    "ChangeMessageVisibility",
    "DeleteMessage",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListDeadLetterSourceQueues",
    "ReceiveMessage",
    "SendMessage",
];

/// A labelled statement.
pub(crate) struct PolicyStatement {
    label: String,
    queue: Arn,
    statement: Value,
}

impl PolicyStatement {
    pub(crate) fn new(
        label: &str,
        accounts: &[String],
        actions: &[String],
        queue: &Arn,
    ) -> Result<Self, Error> {
        check(label, accounts, actions)?;
        let principals: Vec<String> =
            accounts.iter().map(|id| format!("arn:aws:iam::{id}:root")).collect();
        let actions: Vec<String> = actions.iter().map(|action| format!("SQS:{action}")).collect();
        let statement = json!({
            "Sid": label,
            "Effect": "Allow",
            "Principal": {"AWS": one_or_many(principals)},
            "Action": one_or_many(actions),
            "Resource": queue,
        });
        Ok(Self { label: label.to_owned(), queue: queue.clone(), statement })
    }

    /// The policy with this statement.
    pub(crate) fn add_to(self, policy: Option<&str>) -> Result<String, Error> {
        let mut document = match policy {
            Some(text) => parse(text)?,
            None => json!({
                "Version": "2008-10-17",
                "Id": format!("{}/SQSDefaultPolicy", self.queue),
                "Statement": [],
            }),
        };
        let statements = statements(&mut document);
        if statements.iter().any(|statement| statement["Sid"] == self.label.as_str()) {
            return Err(Error::InvalidParameterValue(format!(
                "Value {} for parameter Label is invalid. Reason: Already exists.",
                self.label
            )));
        }
        statements.push(self.statement);
        let text = document.to_string();
        attributes::policy(&text)?;
        Ok(text)
    }
}

fn check(label: &str, accounts: &[String], actions: &[String]) -> Result<(), Error> {
    let invalid = |reason: String| Err(Error::InvalidParameterValue(reason));
    if !is_simple(label) {
        return invalid(format!(
            "Value {label} for parameter Label is invalid. Reason: Can only include alphanumeric \
             characters, hyphens, or underscores. 1 to 80 in length."
        ));
    }
    if actions.is_empty() {
        return Err(Error::MissingParameter("Actions".to_owned()));
    }
    if actions.len() > config::PERMISSION_ACTIONS {
        return Err(Error::OverLimit(format!(
            "{} Actions were found, maximum allowed is {}.",
            actions.len(),
            config::PERMISSION_ACTIONS
        )));
    }
    if let Some(action) = actions.iter().find(|action| !ACTIONS.contains(&action.as_str())) {
        return invalid(format!(
            "Value SQS:{action} for parameter ActionName is invalid. Reason: Only the queue owner \
             is allowed to invoke this action."
        ));
    }
    if accounts.is_empty() || accounts.iter().any(|id| id.parse::<AccountId>().is_err()) {
        return invalid(format!(
            "Value [{}] for parameter PrincipalId is invalid. Reason: Unable to verify.",
            accounts.join(", ")
        ));
    }
    Ok(())
}

/// A single value stands alone in a policy, as SQS writes it.
fn one_or_many(mut values: Vec<String>) -> Value {
    match values.len() {
        1 => values.remove(0).into(),
        _ => values.into(),
    }
}

/// The policy without the statement of a label; none if that was the last.
pub(crate) fn without_statement(
    policy: Option<&str>,
    label: &str,
) -> Result<Option<String>, Error> {
    let mut document = policy.map_or(Ok(json!({"Statement": []})), parse)?;
    let statements = statements(&mut document);
    let before = statements.len();
    statements.retain(|statement| statement["Sid"] != label);
    if statements.len() == before {
        return Err(Error::InvalidParameterValue(format!(
            "Value {label} for parameter Label is invalid. Reason: can't find label."
        )));
    }
    Ok((!statements.is_empty()).then(|| document.to_string()))
}

fn parse(text: &str) -> Result<Value, Error> {
    serde_json::from_str(text)
        .map_err(|error| kv::Error::Corrupt(format!("a stored policy is bad: {error}")).into())
}

/// The statements of a policy, of which a single one may stand alone.
fn statements(document: &mut Value) -> &mut Vec<Value> {
    let slot = &mut document["Statement"];
    if !slot.is_array() {
        *slot = Value::Array(vec![slot.take()]);
    }
    slot.as_array_mut().expect("it was made an array just above")
}
