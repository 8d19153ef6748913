use crate::{
    Iam,
    model::{self, Role},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Attaches a managed policy to a role.
pub(crate) struct AttachRolePolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    policy_arn: String,
}

impl Operation for AttachRolePolicy {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "AttachRolePolicy";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let mut needed =
            model::permission::<Role>(ctx, tx, &input.role_name, "iam:AttachRolePolicy").await?;
        let condition = |p: Permission| p.with_condition("iam:PolicyARN", &input.policy_arn);
        needed = needed.into_iter().map(condition).collect();
        Ok(needed)
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut role: Role = model::get(ctx, tx, &input.role_name).await?;
        model::attach(ctx, tx, &mut role, &input.policy_arn).await?;
        model::save(ctx, tx, &role)?;
        Ok(Empty {})
    }
}
