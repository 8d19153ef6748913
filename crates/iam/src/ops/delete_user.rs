use crate::{
    Error, Iam,
    model::{self, KeyOwner, User},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Deletes a user that has no keys and no policies any more.
pub(crate) struct DeleteUser;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
}

impl Operation for DeleteUser {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteUser";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission::<User>(ctx, tx, &input.user_name, "iam:DeleteUser").await
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let user: User = model::get(ctx, tx, &input.user_name).await?;
        let owner = KeyOwner::User(input.user_name.clone());
        if !model::keys_of(tx, ctx.account(), &owner).await?.is_empty() {
            let text = "Cannot delete entity, must delete access keys first.";
            return Err(Error::DeleteConflict(text).into());
        }
        model::remove(ctx, tx, &user).await?;
        Ok(Empty {})
    }
}
