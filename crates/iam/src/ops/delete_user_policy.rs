use crate::{
    Error, Iam,
    model::{self, Owner, User},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Deletes an inline policy of a user.
pub(crate) struct DeleteUserPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
    policy_name: String,
}

impl Operation for DeleteUserPolicy {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteUserPolicy";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission::<User>(ctx, tx, &input.user_name, "iam:DeleteUserPolicy").await
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut user: User = model::get(ctx, tx, &input.user_name).await?;
        if user.entity_mut().inline.remove(&input.policy_name).is_none() {
            return Err(Error::unknown("user policy", &input.policy_name).into());
        }
        model::save(ctx, tx, &user)?;
        Ok(Empty {})
    }
}
