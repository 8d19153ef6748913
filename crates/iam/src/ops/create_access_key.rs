use crate::{
    Error, Iam, config,
    model::{self, KeyOwner, User},
    shapes::KeyShape,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Makes an access key for a user. The reply is the only one that shows its secret.
pub(crate) struct CreateAccessKey;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    access_key: KeyShape,
}

impl Operation for CreateAccessKey {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "CreateAccessKey";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission_on_user(ctx, tx, input.user_name.as_deref(), "iam:CreateAccessKey").await
    }

    async fn run(
        iam: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let KeyOwner::User(name) = model::user_or_caller(ctx, input.user_name.as_deref())? else {
            let text = "a further access key of the root user: create a user";
            return Err(Fault::unsupported(text));
        };
        let user: User = model::get(ctx, tx, &name).await?;
        let owner = KeyOwner::User(user.0.name);
        let keys = model::keys_of(tx, ctx.account(), &owner).await?;
        if keys.len() >= config::ACCESS_KEYS_PER_USER {
            let limit = config::ACCESS_KEYS_PER_USER;
            return Err(Error::quota("AccessKeysPerUser", limit).into());
        }
        let (ids, account) = (ctx.ids(), ctx.account());
        let (key, secret) = model::new_key(ids, &iam.master, account, owner, ctx.now)?;
        model::save_key(tx, &key)?;
        Ok(Output { access_key: KeyShape::of(&key, Some(&secret)) })
    }
}
