use crate::{
    Iam,
    model::{self, PolicyRef},
    shapes::PolicyShape,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Shows a managed policy, without its text.
pub(crate) struct GetPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    policy_arn: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy: PolicyShape,
}

impl Operation for GetPolicy {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetPolicy";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::policy_permission(ctx, &input.policy_arn, "iam:GetPolicy")
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let policy = PolicyRef::get(ctx, tx, &input.policy_arn).await?;
        Ok(Output { policy: PolicyShape::of(ctx, tx, &policy).await? })
    }
}
