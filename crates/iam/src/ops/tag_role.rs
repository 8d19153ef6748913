use crate::{
    Iam,
    model::{self, Owner, Role, Tag},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Adds tags to a role; a tag of the same key is replaced.
pub(crate) struct TagRole;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    tags: Vec<Tag>,
}

impl Operation for TagRole {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "TagRole";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let needed = model::permission::<Role>(ctx, tx, &input.role_name, "iam:TagRole").await?;
        Ok(needed.into_iter().map(|p| model::tag_conditions(p, &input.tags)).collect())
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut role: Role = model::get(ctx, tx, &input.role_name).await?;
        let tags = std::mem::take(&mut role.entity_mut().tags);
        role.entity_mut().tags = model::check_tags(ctx, tags, &input.tags)?;
        model::save(ctx, tx, &role)?;
        Ok(Empty {})
    }
}
