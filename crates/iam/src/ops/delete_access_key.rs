use crate::{Iam, model};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Deletes an access key.
pub(crate) struct DeleteAccessKey;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: Option<String>,
    access_key_id: String,
}

impl Operation for DeleteAccessKey {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteAccessKey";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission_on_user(ctx, tx, input.user_name.as_deref(), "iam:DeleteAccessKey").await
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let owner = model::user_or_caller(ctx, input.user_name.as_deref())?;
        let key = model::get_key(tx, ctx.account(), &owner, &input.access_key_id).await?;
        model::delete_key(tx, &key)?;
        Ok(Empty {})
    }
}
