use crate::{
    Iam,
    model::{self, Role},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Writes an inline policy of a role over one of the same name.
pub(crate) struct PutRolePolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    policy_name: String,
    policy_document: String,
}

impl Operation for PutRolePolicy {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "PutRolePolicy";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission::<Role>(ctx, tx, &input.role_name, "iam:PutRolePolicy").await
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut role: Role = model::get(ctx, tx, &input.role_name).await?;
        model::put_inline(&mut role, &input.policy_name, &input.policy_document)?;
        model::save(ctx, tx, &role)?;
        Ok(Empty {})
    }
}
