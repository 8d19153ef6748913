use crate::{
    Iam,
    model::{self, User},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Attaches a managed policy to a user.
pub(crate) struct AttachUserPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
    policy_arn: String,
}

impl Operation for AttachUserPolicy {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "AttachUserPolicy";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let mut needed =
            model::permission::<User>(ctx, tx, &input.user_name, "iam:AttachUserPolicy").await?;
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
        let mut user: User = model::get(ctx, tx, &input.user_name).await?;
        model::attach(ctx, tx, &mut user, &input.policy_arn).await?;
        model::save(ctx, tx, &user)?;
        Ok(Empty {})
    }
}
