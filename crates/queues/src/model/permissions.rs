//! The statements that `AddPermission` and `RemovePermission` keep in a queue's policy.

use super::attributes;
use crate::Error;
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
    statement: Value,
}

impl PolicyStatement {
    pub(crate) fn new(
        label: &str,
        accounts: &[String],
        actions: &[String],
        queue: &Arn,
    ) -> Result<Self, Error> {
        if let Some(action) = actions.iter().find(|action| !ACTIONS.contains(&action.as_str())) {
            return Err(Error::InvalidParameterValue(format!(
                "Value SQS:{action} for parameter ActionName is invalid. Reason: Only the queue \
                 owner is allowed to invoke this action."
            )));
        }
        if let Some(account) = accounts.iter().find(|id| id.parse::<AccountId>().is_err()) {
            return Err(Error::InvalidParameterValue(format!(
                "Value [{account}] for parameter PrincipalId is invalid. Reason: Unable to verify."
            )));
        }
        let principals: Vec<String> =
            accounts.iter().map(|id| format!("arn:aws:iam::{id}:root")).collect();
        let actions: Vec<String> = actions.iter().map(|action| format!("SQS:{action}")).collect();
        let statement = json!({
            "Sid": label,
            "Effect": "Allow",
            "Principal": {"AWS": principals},
            "Action": actions,
            "Resource": queue,
        });
        Ok(Self { label: label.to_owned(), statement })
    }

    /// The policy with this statement.
    pub(crate) fn add_to(self, policy: Option<&str>) -> Result<String, Error> {
        let mut statements = statements(policy)?;
        if statements.iter().any(|statement| statement["Sid"] == self.label.as_str()) {
            return Err(Error::InvalidParameterValue(format!(
                "Value {} for parameter Label is invalid. Reason: Already exists.",
                self.label
            )));
        }
        statements.push(self.statement);
        let text = document(&statements);
        attributes::policy(&text)?;
        Ok(text)
    }
}

/// The policy without the statement of a label; none if that was the last.
pub(crate) fn without_statement(
    policy: Option<&str>,
    label: &str,
) -> Result<Option<String>, Error> {
    let mut statements = statements(policy)?;
    let before = statements.len();
    statements.retain(|statement| statement["Sid"] != label);
    if statements.len() == before {
        return Err(Error::InvalidParameterValue(format!(
            "Value {label} for parameter Label is invalid. Reason: can't find label on existing \
             policy."
        )));
    }
    Ok((!statements.is_empty()).then(|| document(&statements)))
}

fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn statements(policy: Option<&str>) -> Result<Vec<Value>, Error> {
    let Some(text) = policy else { return Ok(Vec::new()) };
    let mut document: Value = serde_json::from_str(text)
        .map_err(|error| kv::Error::Corrupt(format!("a stored policy is bad: {error}")))?;
    Ok(match document["Statement"].take() {
        Value::Array(statements) => statements,
        single => vec![single],
    })
}
