//! The resource policy of a function: the statements that `AddPermission` keeps.

use crate::{Error, config};
use policy::{Document, DocumentKind};
use serde_json::{Map, Value, json};
use service::Fault;
use std::sync::Arc;
use types::{AccountId, Arn};

/// What `AddPermission` is told.
pub(crate) struct NewStatement<'a> {
    pub(crate) id: &'a str,
    pub(crate) action: &'a str,
    pub(crate) principal: &'a str,
    pub(crate) resource: &'a Arn,
    pub(crate) source_arn: Option<&'a str>,
    pub(crate) source_account: Option<&'a str>,
    pub(crate) url_auth_type: Option<&'a str>,
    pub(crate) via_url: Option<bool>,
    pub(crate) organization: Option<&'a str>,
}

impl NewStatement<'_> {
    /// The statement in the shape that Lambda gives it.
    pub(crate) fn build(&self) -> Result<Value, Error> {
        if self.url_auth_type.is_some() && self.action != "lambda:InvokeFunctionUrl" {
            return Err(Error::InvalidParameterValue(
                "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action"
                    .to_owned(),
            ));
        }
        let mut statement = json!({
            "Sid": self.id,
            "Effect": "Allow",
            "Principal": self.principal()?,
            "Action": self.action,
            "Resource": self.resource,
        });
        let conditions = self.conditions();
        if !conditions.is_empty() {
            statement["Condition"] = conditions.into();
        }
        Ok(statement)
    }

    fn principal(&self) -> Result<Value, Error> {
        let principal = self.principal;
        if principal == "*" {
            Ok(json!("*"))
        } else if principal.parse::<AccountId>().is_ok() {
            Ok(json!({"AWS": format!("arn:aws:iam::{principal}:root")}))
        } else if principal.parse::<Arn>().is_ok() {
            Ok(json!({"AWS": principal}))
        } else if principal.contains('.') {
            Ok(json!({"Service": principal}))
        } else {
            Err(Error::InvalidParameterValue(
                "The provided principal was invalid. Please check the principal and try again."
                    .to_owned(),
            ))
        }
    }

    fn conditions(&self) -> Map<String, Value> {
        let via_url = self.via_url.map(|via| via.to_string());
        let wanted = [
            ("StringEquals", "AWS:SourceAccount", self.source_account),
            ("StringEquals", "lambda:FunctionUrlAuthType", self.url_auth_type),
            ("StringEquals", "aws:PrincipalOrgID", self.organization),
            ("ArnLike", "AWS:SourceArn", self.source_arn),
            ("Bool", "lambda:InvokedViaFunctionUrl", via_url.as_deref()),
        ];
        let mut conditions = Map::new();
        for (operator, key, value) in wanted {
            if let Some(value) = value {
                let entry = conditions.entry(operator).or_insert_with(|| json!({}));
                entry[key] = value.into();
            }
        }
        conditions
    }
}

/// A policy has a statement of that id.
pub(crate) fn statement_exists(id: &str) -> Error {
    Error::Conflict(format!(
        "The statement id ({id}) provided already exists. Please provide a new statement id, or \
         remove the existing statement."
    ))
}

/// The policy of these statements, as `GetPolicy` tells it.
pub(crate) fn policy_text(statements: &[Value]) -> Result<String, Error> {
    let text = json!({"Version": "2012-10-17", "Id": "default", "Statement": statements});
    let text = text.to_string();
    if text.len() > config::POLICY_BYTES {
        return Err(Error::PolicyLengthExceeded(text.len()));
    }
    Ok(text)
}

/// The policy of these statements, compiled; none of no statements.
pub(crate) fn document(statements: &[Value]) -> Result<Option<Arc<Document>>, Fault> {
    if statements.is_empty() {
        return Ok(None);
    }
    let text = policy_text(statements)?;
    let document = Document::parse(&text, DocumentKind::Resource);
    let document = document.map_err(|error| Error::InvalidParameterValue(error.to_string()))?;
    Ok(Some(Arc::new(document)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_has_the_official_shape() {
        let arn: Arn = "arn:aws:lambda:eu-1:000000000000:function:f".parse().unwrap();
        let statement = NewStatement {
            id: "s3",
            action: "lambda:InvokeFunction",
            principal: "s3.amazonaws.com",
            resource: &arn,
            source_arn: Some("arn:aws:s3:::bucket"),
            source_account: Some("000000000000"),
            url_auth_type: None,
            via_url: None,
            organization: None,
        };
        let expected = json!({
            "Sid": "s3",
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": arn,
            "Condition": {
                "StringEquals": {"AWS:SourceAccount": "000000000000"},
                "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::bucket"},
            },
        });
        assert_eq!(statement.build().unwrap(), expected);
        assert!(document(&[expected]).unwrap().is_some());
    }
}
