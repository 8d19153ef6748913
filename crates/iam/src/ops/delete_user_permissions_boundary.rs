use crate::{
    Error, Iam,
    model::{self, Owner, User},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Removes the boundary of a user.
pub(crate) struct DeleteUserPermissionsBoundary;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
}

impl Operation for DeleteUserPermissionsBoundary {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteUserPermissionsBoundary";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission::<User>(ctx, tx, &input.user_name, "iam:DeleteUserPermissionsBoundary")
            .await
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut user: User = model::get(ctx, tx, &input.user_name).await?;
        if user.entity().boundary.is_none() {
            let text = format!("User {} does not have a permissions boundary.", input.user_name);
            return Err(Error::NoSuchEntity(text).into());
        }
        model::set_boundary(ctx, tx, &mut user, None).await?;
        model::save(ctx, tx, &user)?;
        Ok(Empty {})
    }
}
