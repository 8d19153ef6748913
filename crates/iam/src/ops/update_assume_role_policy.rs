use crate::{
    Iam,
    model::{self, Role},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Replaces the trust policy of a role.
pub(crate) struct UpdateAssumeRolePolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    policy_document: String,
}

impl Operation for UpdateAssumeRolePolicy {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "UpdateAssumeRolePolicy";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission::<Role>(ctx, tx, &input.role_name, "iam:UpdateAssumeRolePolicy").await
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        model::trust_policy(&input.policy_document)?;
        let mut role: Role = model::get(ctx, tx, &input.role_name).await?;
        role.trust.clone_from(&input.policy_document);
        model::save(ctx, tx, &role)?;
        Ok(Empty {})
    }
}
