use crate::{
    Iam,
    model::{self, Role},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Bounds a role by a managed policy.
pub(crate) struct PutRolePermissionsBoundary;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    permissions_boundary: String,
}

impl Operation for PutRolePermissionsBoundary {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "PutRolePermissionsBoundary";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let found =
            model::permission::<Role>(ctx, tx, &input.role_name, "iam:PutRolePermissionsBoundary")
                .await?;
        let bounded = |mut needed: Permission| {
            needed.conditions.clear();
            needed.with_condition("iam:PermissionsBoundary", &input.permissions_boundary)
        };
        Ok(found.into_iter().map(bounded).collect())
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut role: Role = model::get(ctx, tx, &input.role_name).await?;
        model::set_boundary(ctx, tx, &mut role, Some(&input.permissions_boundary)).await?;
        model::save(ctx, tx, &role)?;
        Ok(Empty {})
    }
}
