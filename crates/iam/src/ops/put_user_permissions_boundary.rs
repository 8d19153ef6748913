use crate::{
    Iam,
    model::{self, User},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Bounds a user by a managed policy.
pub(crate) struct PutUserPermissionsBoundary;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
    permissions_boundary: String,
}

impl Operation for PutUserPermissionsBoundary {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "PutUserPermissionsBoundary";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let found =
            model::permission::<User>(ctx, tx, &input.user_name, "iam:PutUserPermissionsBoundary")
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
        let mut user: User = model::get(ctx, tx, &input.user_name).await?;
        model::set_boundary(ctx, tx, &mut user, Some(&input.permissions_boundary)).await?;
        model::save(ctx, tx, &user)?;
        Ok(Empty {})
    }
}
