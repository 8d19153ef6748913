use crate::{
    Iam,
    model::{self, PolicyRef},
    shapes::VersionShape,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Adds a version to a managed policy.
pub(crate) struct CreatePolicyVersion;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    policy_arn: String,
    policy_document: String,
    #[serde(default)]
    set_as_default: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy_version: VersionShape,
}

impl Operation for CreatePolicyVersion {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "CreatePolicyVersion";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let needed = model::policy_permission(ctx, &input.policy_arn, "iam:CreatePolicyVersion")?;
        let mut permissions = needed;
        if input.set_as_default {
            let default = "iam:SetDefaultPolicyVersion";
            permissions.extend(model::policy_permission(ctx, &input.policy_arn, default)?);
        }
        Ok(permissions)
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        model::managed_policy(&input.policy_document)?;
        let mut policy = PolicyRef::own(ctx, tx, &input.policy_arn).await?;
        let number = policy.add_version(ctx, &input.policy_document)?;
        if input.set_as_default {
            policy.default = number;
            model::bump_epoch(ctx, tx)?;
        }
        model::save_policy(ctx, tx, &policy)?;
        Ok(Output { policy_version: VersionShape::listed(&policy, number, ctx.now) })
    }
}
