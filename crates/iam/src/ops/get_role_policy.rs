use crate::{
    Error, Iam,
    model::{self, Owner, Role},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Shows an inline policy of a role.
pub(crate) struct GetRolePolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    policy_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    role_name: String,
    policy_name: String,
    policy_document: String,
}

impl Operation for GetRolePolicy {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetRolePolicy";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission::<Role>(ctx, tx, &input.role_name, "iam:GetRolePolicy").await
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let role: Role = model::get(ctx, tx, &input.role_name).await?;
        let text = role.entity().inline.get(&input.policy_name);
        let text = text.ok_or_else(|| Error::unknown("role policy", &input.policy_name))?;
        Ok(Output {
            role_name: role.entity().name.clone(),
            policy_name: input.policy_name.clone(),
            policy_document: model::url_encode(text),
        })
    }
}
