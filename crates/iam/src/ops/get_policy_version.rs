use crate::{
    Error, Iam,
    model::{self, PolicyRef},
    shapes::VersionShape,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Shows a version of a managed policy with its text.
pub(crate) struct GetPolicyVersion;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    policy_arn: String,
    version_id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy_version: VersionShape,
}

impl Operation for GetPolicyVersion {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetPolicyVersion";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::policy_permission(ctx, &input.policy_arn, "iam:GetPolicyVersion")
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let arn = &input.policy_arn;
        let policy_version = match PolicyRef::get(ctx, tx, arn).await? {
            PolicyRef::Local(policy) => {
                let (number, version) = policy.version(arn, &input.version_id)?;
                VersionShape::listed(&policy, number, version.created).with_text(&version.text)
            }
            PolicyRef::Aws(managed) if managed.version == input.version_id => {
                VersionShape::aws(managed).with_text(&managed.text)
            }
            PolicyRef::Aws(_) => {
                return Err(Error::unknown_version(arn, &input.version_id).into());
            }
        };
        Ok(Output { policy_version })
    }
}
