use crate::{
    Error, Iam,
    model::{self, Owner, Role},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Removes the boundary of a role.
pub(crate) struct DeleteRolePermissionsBoundary;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
}

impl Operation for DeleteRolePermissionsBoundary {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteRolePermissionsBoundary";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission::<Role>(ctx, tx, &input.role_name, "iam:DeleteRolePermissionsBoundary")
            .await
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut role: Role = model::get(ctx, tx, &input.role_name).await?;
        if role.entity().boundary.is_none() {
            let text = format!("Role {} does not have a permissions boundary.", input.role_name);
            return Err(Error::NoSuchEntity(text).into());
        }
        model::set_boundary(ctx, tx, &mut role, None).await?;
        model::save(ctx, tx, &role)?;
        Ok(Empty {})
    }
}
