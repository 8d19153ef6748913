use crate::{
    Error, Iam,
    model::{self, Owner, User},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Shows an inline policy of a user.
pub(crate) struct GetUserPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
    policy_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    user_name: String,
    policy_name: String,
    policy_document: String,
}

impl Operation for GetUserPolicy {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetUserPolicy";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission::<User>(ctx, tx, &input.user_name, "iam:GetUserPolicy").await
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let user: User = model::get(ctx, tx, &input.user_name).await?;
        let text = user.entity().inline.get(&input.policy_name);
        let text = text.ok_or_else(|| Error::unknown("user policy", &input.policy_name))?;
        Ok(Output {
            user_name: user.entity().name.clone(),
            policy_name: input.policy_name.clone(),
            policy_document: model::url_encode(text),
        })
    }
}
