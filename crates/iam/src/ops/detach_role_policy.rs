use crate::{
    Iam,
    model::{self, Role},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Detaches a managed policy from a role.
pub(crate) struct DetachRolePolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    policy_arn: String,
}

impl Operation for DetachRolePolicy {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DetachRolePolicy";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let mut needed =
            model::permission::<Role>(ctx, tx, &input.role_name, "iam:DetachRolePolicy").await?;
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
        model::detach(ctx, tx, &mut role, &input.policy_arn)?;
        model::save(ctx, tx, &role)?;
        Ok(Empty {})
    }
}
