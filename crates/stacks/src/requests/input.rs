//! Inputs that operations share.

use crate::{
    Error, config,
    keys::{self, Place},
    model::{ChangeSet, ChangeSetPlace, OnFailure, Stack, find},
    sealed::Sealed,
};
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Permission};
use types::Arn;

/// A parameter of a request.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ParameterInput {
    pub(crate) parameter_key: Option<String>,
    pub(crate) parameter_value: Option<String>,
    pub(crate) use_previous_value: Option<bool>,
}

/// A tag.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct TagInput {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// How a deployment goes on, as a request asks for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeploymentConfigInput {
    mode: Option<String>,
    disable_rollback: Option<bool>,
}

/// The only mode is the one in which a resource is done before others that need it begin.
pub(crate) fn standard_deployment(config: Option<&DeploymentConfigInput>) -> Result<(), Error> {
    let Some(DeploymentConfigInput { mode, disable_rollback }) = config else { return Ok(()) };
    if let Some(mode) = mode.as_ref().filter(|mode| *mode != "STANDARD") {
        let text = format!("parameter DeploymentConfig.Mode with the value {mode:?}");
        return Err(Error::Unsupported(text));
    }
    match disable_rollback {
        Some(true) => {
            Err(Error::Unsupported("parameter DeploymentConfig.DisableRollback".to_owned()))
        }
        _ => Ok(()),
    }
}

/// A stack's name: a letter, then letters, digits and hyphens; at most 128 characters.
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    let broken = |rule: &str| {
        Err(Error::validation(format!(
            "1 validation error detected: Value '{name}' at 'stackName' failed to satisfy \
             constraint: {rule}"
        )))
    };
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if !starts || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return broken("Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*");
    }
    if name.len() > config::STACK_NAME_CHARS {
        return broken("Member must have length less than or equal to 128");
    }
    Ok(())
}

/// The permission for an action on the stack of a name or an id.
pub(crate) async fn permission(
    ctx: &Context,
    tx: &mut Sealed<'_>,
    action: &'static str,
    name_or_id: &str,
) -> Result<Vec<Permission>, Fault> {
    if name_or_id.starts_with("arn:") {
        return Ok(vec![Permission::new(action, name_or_id)]);
    }
    let resource = match find(ctx, tx, name_or_id).await? {
        Some(stack) => stack.id(),
        None => ctx.arn("cloudformation", &format!("stack/{name_or_id}/*")).to_string(),
    };
    Ok(vec![Permission::new(action, resource)])
}

/// The same, and the permission to hand the role of the request to the service.
pub(crate) async fn permission_with_role(
    ctx: &Context,
    tx: &mut Sealed<'_>,
    action: &'static str,
    name_or_id: &str,
    role: Option<&String>,
) -> Result<Vec<Permission>, Fault> {
    let mut permissions = permission(ctx, tx, action, name_or_id).await?;
    permissions.extend(usable_role(role)?.map(|role| {
        Permission::new("iam:PassRole", role.as_str())
            .with_condition("iam:PassedToService", "cloudformation.amazonaws.com")
    }));
    Ok(permissions)
}

/// The role of a request, which must be the ARN of one.
pub(crate) fn usable_role(text: Option<&String>) -> Result<Option<Arn>, Error> {
    let Some(text) = text else { return Ok(None) };
    let arn = text.parse::<Arn>().ok();
    let arn = arn.filter(|arn| arn.service() == "iam" && arn.resource().starts_with("role/"));
    let invalid = || Error::validation(format!("Role {text} is invalid or cannot be assumed"));
    arn.map(Some).ok_or_else(invalid)
}

/// What a client's token says of a request.
pub(crate) enum Token {
    /// It is a new request.
    New,
    /// It has been done.
    Seen,
}

/// Compares a client's token with the stack's latest.
pub(crate) fn check_token(
    stack: &Stack,
    operation: &str,
    token: Option<&String>,
) -> Result<Token, Error> {
    match (&stack.token, token) {
        (Some((seen, by)), Some(token)) if seen == token => {
            if by == operation {
                Ok(Token::Seen)
            } else {
                Err(Error::TokenAlreadyExists(token.clone()))
            }
        }
        _ => Ok(Token::New),
    }
}

/// Where a new stack is.
pub(crate) fn new_place(ctx: &Context, name: &str) -> Place {
    Place {
        account: ctx.account().clone(),
        region: ctx.region.clone(),
        name: name.to_owned(),
        id: ctx.ids().uuid().to_string(),
    }
}

/// Topics are not told of events yet.
pub(crate) fn no_notifications(arns: &[String]) -> Result<(), Error> {
    match arns.iter().all(String::is_empty) {
        true => Ok(()),
        false => Err(Error::Unsupported("parameter NotificationARNs".to_owned())),
    }
}

/// What happens when a creation fails.
pub(crate) fn on_failure(
    wanted: Option<OnFailure>,
    disable_rollback: Option<bool>,
) -> Result<OnFailure, Error> {
    match (wanted, disable_rollback) {
        (Some(_), Some(_)) => Err(Error::validation(
            "You can specify either DisableRollback or OnFailure, but not both",
        )),
        (None, Some(true)) => Ok(OnFailure::DoNothing),
        (wanted, _) => Ok(wanted.unwrap_or_default()),
    }
}

/// The change set of a name (beside its stack's) or of an ARN, and its stack.
pub(crate) async fn find_change_set(
    ctx: &Context,
    tx: &mut Sealed<'_>,
    name_or_id: &str,
    stack_name: Option<&String>,
) -> Result<(Place, ChangeSet), Fault> {
    let missing = || Error::ChangeSetNotFound(name_or_id.to_owned());
    let place = match name_or_id.strip_prefix("arn:") {
        Some(_) => {
            let id = name_or_id.rsplit('/').next().unwrap_or_default();
            let key = keys::change_set_id(ctx.account(), &ctx.region, id);
            tx.get_record::<ChangeSetPlace>(&key).await?.ok_or_else(missing)?
        }
        None => {
            let needed = "StackName must be specified if ChangeSetName is not specified as an ARN.";
            let name = stack_name.ok_or_else(|| Error::validation(needed))?;
            let absent = || Error::validation(format!("Stack [{name}] does not exist"));
            let stack = find(ctx, tx, name).await?.ok_or_else(absent)?.place;
            ChangeSetPlace { stack, name: name_or_id.to_owned() }
        }
    };
    let change_set = tx.get_record(&place.stack.change_set(&place.name)).await?;
    Ok((place.stack, change_set.ok_or_else(missing)?))
}
