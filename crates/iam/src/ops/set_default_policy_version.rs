use crate::{
    Iam,
    model::{self, PolicyRef},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Puts another version of a managed policy in force, for everybody who has it.
pub(crate) struct SetDefaultPolicyVersion;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    policy_arn: String,
    version_id: String,
}

impl Operation for SetDefaultPolicyVersion {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "SetDefaultPolicyVersion";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::policy_permission(ctx, &input.policy_arn, "iam:SetDefaultPolicyVersion")
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut policy = PolicyRef::own(ctx, tx, &input.policy_arn).await?;
        policy.default = policy.version(&input.policy_arn, &input.version_id)?.0;
        policy.updated = ctx.now;
        model::save_policy(ctx, tx, &policy)?;
        model::bump_epoch(ctx, tx)?;
        Ok(Empty {})
    }
}
