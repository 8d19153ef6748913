use crate::{
    Error, Iam, config,
    identities::{NewSession, SessionOwner},
    shapes::CredentialsShape,
};
use kv::Transaction;
use policy::Principal;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};
use std::time::Duration;

/// Makes temporary credentials of a user or the root user, from their access key.
pub(crate) struct GetSessionToken;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    duration_seconds: Option<u64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    credentials: CredentialsShape,
}

impl Operation for GetSessionToken {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetSessionToken";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let long_term = ctx.caller.access_key_id.as_ref().is_some_and(|id| id.starts_with("AKIA"));
        if long_term {
            return Ok(Vec::new());
        }
        let text = "Cannot call GetSessionToken with session credentials";
        Err(Error::AccessDenied(text.to_owned()).into())
    }

    async fn run(
        iam: &Iam,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let wanted = input.duration_seconds.map_or(config::DEFAULT_TOKEN, Duration::from_secs);
        let (owner, lifetime) = match &ctx.caller.principal {
            Principal::User { arn, id } => {
                let name = arn.resource().rsplit('/').next().unwrap_or_default().to_owned();
                (SessionOwner::User { name, id: id.clone() }, wanted)
            }
            _ => (SessionOwner::Root, wanted.min(config::ROOT_TOKEN)),
        };
        let account = ctx.account().clone();
        let session = NewSession { account, owner, policy: None, issued: ctx.now, lifetime };
        Ok(Output { credentials: iam.seal_session(ctx.ids(), session)?.into() })
    }
}
