use crate::{
    Iam,
    model::{self, Role},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Deletes a role that has no policies any more. Its sessions end at once.
pub(crate) struct DeleteRole;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
}

impl Operation for DeleteRole {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteRole";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission::<Role>(ctx, tx, &input.role_name, "iam:DeleteRole").await
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let role: Role = model::get(ctx, tx, &input.role_name).await?;
        model::remove(ctx, tx, &role).await?;
        Ok(Empty {})
    }
}
