use crate::{
    Iam,
    model::{self, User},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Writes an inline policy of a user over one of the same name.
pub(crate) struct PutUserPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
    policy_name: String,
    policy_document: String,
}

impl Operation for PutUserPolicy {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "PutUserPolicy";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission::<User>(ctx, tx, &input.user_name, "iam:PutUserPolicy").await
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut user: User = model::get(ctx, tx, &input.user_name).await?;
        model::put_inline(&mut user, &input.policy_name, &input.policy_document)?;
        model::save(ctx, tx, &user)?;
        Ok(Empty {})
    }
}
