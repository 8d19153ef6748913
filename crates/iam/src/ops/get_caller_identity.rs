use crate::{Error, Iam};
use kv::Transaction;
use policy::Principal;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Tells who signed. It needs no permission.
pub(crate) struct GetCallerIdentity;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    user_id: String,
    account: String,
    arn: String,
}

impl Operation for GetCallerIdentity {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetCallerIdentity";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        match ctx.caller.principal {
            Principal::Anonymous => Err(Error::MissingAuthenticationToken.into()),
            _ => Ok(Vec::new()),
        }
    }

    async fn run(_: &Iam, ctx: &Context, _: &mut Transaction, _: &Input) -> Result<Output, Fault> {
        let (user_id, arn) = match &ctx.caller.principal {
            Principal::User { arn, id } | Principal::Session { arn, id, .. } => {
                (id.clone(), arn.to_string())
            }
            other => (ctx.account().to_string(), other.display_name()),
        };
        Ok(Output { user_id, account: ctx.account().to_string(), arn })
    }
}
