use crate::{
    Iam,
    model::{self, Owner, Tag, User},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Adds tags to a user; a tag of the same key is replaced.
pub(crate) struct TagUser;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
    tags: Vec<Tag>,
}

impl Operation for TagUser {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "TagUser";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let needed = model::permission::<User>(ctx, tx, &input.user_name, "iam:TagUser").await?;
        Ok(needed.into_iter().map(|p| model::tag_conditions(p, &input.tags)).collect())
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut user: User = model::get(ctx, tx, &input.user_name).await?;
        let tags = std::mem::take(&mut user.entity_mut().tags);
        user.entity_mut().tags = model::check_tags(ctx, tags, &input.tags)?;
        model::save(ctx, tx, &user)?;
        Ok(Empty {})
    }
}
