use crate::{
    Iam,
    model::{self, PolicyRef},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Deletes a managed policy that nobody uses.
pub(crate) struct DeletePolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    policy_arn: String,
}

impl Operation for DeletePolicy {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeletePolicy";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::policy_permission(ctx, &input.policy_arn, "iam:DeletePolicy")
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let policy = PolicyRef::own(ctx, tx, &input.policy_arn).await?;
        model::delete_policy(ctx, tx, &policy).await?;
        Ok(Empty {})
    }
}
