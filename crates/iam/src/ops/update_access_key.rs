use crate::{Error, Iam, model};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Makes an access key active or inactive.
pub(crate) struct UpdateAccessKey;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: Option<String>,
    access_key_id: String,
    status: String,
}

impl Operation for UpdateAccessKey {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "UpdateAccessKey";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission_on_user(ctx, tx, input.user_name.as_deref(), "iam:UpdateAccessKey").await
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let owner = model::user_or_caller(ctx, input.user_name.as_deref())?;
        if input.status == "Expired" {
            let text = "The status of an access key can be set to Active or Inactive.";
            return Err(Error::ValidationError(text.to_owned()).into());
        }
        let mut key = model::get_key(tx, ctx.account(), &owner, &input.access_key_id).await?;
        key.active = input.status == "Active";
        model::save_key(tx, &key)?;
        Ok(Empty {})
    }
}
