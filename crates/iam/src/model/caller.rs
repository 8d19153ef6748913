//! Operations on keys and users that may leave out whose: the caller's own.

use super::KeyOwner;
use crate::Error;
use policy::Principal;
use service::Context;

/// The user that a request names, or the caller.
pub(crate) fn user_or_caller(ctx: &Context, name: Option<&str>) -> Result<KeyOwner, Error> {
    match (name, &ctx.caller.principal) {
        (Some(name), _) => Ok(KeyOwner::User(name.to_owned())),
        (None, Principal::Root { .. }) => Ok(KeyOwner::Root),
        (None, Principal::User { arn, .. }) => {
            let name = arn.resource().rsplit('/').next().unwrap_or_default();
            Ok(KeyOwner::User(name.to_owned()))
        }
        (None, Principal::Session { .. } | Principal::Service { .. } | Principal::Anonymous) => {
            let text = "Must specify userName when calling with non-User credentials";
            Err(Error::ValidationError(text.to_owned()))
        }
    }
}

impl KeyOwner {
    /// The name of the user; the root user has none.
    pub(crate) fn user(&self) -> Option<&str> {
        match self {
            Self::Root => None,
            Self::User(name) => Some(name),
        }
    }
}

/// What an action on the named user, or on the caller, needs.
pub(crate) async fn permission_on_user(
    ctx: &Context,
    tx: &mut kv::Transaction,
    name: Option<&str>,
    action: &'static str,
) -> Result<Vec<service::Permission>, service::Fault> {
    match user_or_caller(ctx, name)? {
        KeyOwner::User(name) => super::permission::<super::User>(ctx, tx, &name, action).await,
        KeyOwner::Root => {
            let root = format!("arn:aws:iam::{}:root", ctx.account());
            Ok(vec![super::permission_on(ctx, action, &root)?])
        }
    }
}
