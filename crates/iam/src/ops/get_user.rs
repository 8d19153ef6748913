use crate::{
    Iam,
    model::{self, KeyOwner, User},
    shapes::UserShape,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Shows a user, or the caller.
pub(crate) struct GetUser;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    user: UserShape,
}

impl Operation for GetUser {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetUser";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission_on_user(ctx, tx, input.user_name.as_deref(), "iam:GetUser").await
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let user = match model::user_or_caller(ctx, input.user_name.as_deref())? {
            KeyOwner::User(name) => {
                let user: User = model::get(ctx, tx, &name).await?;
                UserShape::whole(ctx, &user)
            }
            KeyOwner::Root => {
                let keys = model::keys_of(tx, ctx.account(), &KeyOwner::Root).await?;
                let created = keys.first().map(|key| key.created).unwrap_or_default();
                UserShape::root(ctx, created)
            }
        };
        Ok(Output { user })
    }
}
