use crate::{
    Iam,
    model::{self, Owner, User},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Removes tags from a user; keys that it does not have are no error.
pub(crate) struct UntagUser;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagUser {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "UntagUser";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let needed = model::permission::<User>(ctx, tx, &input.user_name, "iam:UntagUser").await?;
        let with_keys = |p: Permission| p.with_values("aws:TagKeys", input.tag_keys.clone());
        Ok(needed.into_iter().map(with_keys).collect())
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut user: User = model::get(ctx, tx, &input.user_name).await?;
        let gone = |key: &String| input.tag_keys.iter().any(|tag| tag.eq_ignore_ascii_case(key));
        user.entity_mut().tags.retain(|key, _| !gone(key));
        model::save(ctx, tx, &user)?;
        Ok(Empty {})
    }
}
