use crate::{
    Error, Iam,
    model::{self, PolicyRef},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Deletes a version of a managed policy that is not in force.
pub(crate) struct DeletePolicyVersion;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    policy_arn: String,
    version_id: String,
}

impl Operation for DeletePolicyVersion {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeletePolicyVersion";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::policy_permission(ctx, &input.policy_arn, "iam:DeletePolicyVersion")
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut policy = PolicyRef::own(ctx, tx, &input.policy_arn).await?;
        let (number, _) = policy.version(&input.policy_arn, &input.version_id)?;
        if number == policy.default {
            let text = "Cannot delete the default version of a policy.";
            return Err(Error::DeleteConflict(text).into());
        }
        policy.versions.remove(&number);
        model::save_policy(ctx, tx, &policy)?;
        Ok(Empty {})
    }
}
