use crate::{
    Iam,
    model::{self, Entity, Tag, User},
    shapes::UserShape,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Creates a user.
pub(crate) struct CreateUser;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    path: Option<String>,
    user_name: String,
    permissions_boundary: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    user: UserShape,
}

impl Operation for CreateUser {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "CreateUser";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let (path, name) = (input.path.as_deref().unwrap_or("/"), &input.user_name);
        let arn = format!("arn:aws:iam::{}:user{path}{name}", ctx.account());
        let mut create = model::permission_on(ctx, "iam:CreateUser", &arn)?;
        if let Some(boundary) = &input.permissions_boundary {
            create = create.with_condition("iam:PermissionsBoundary", boundary);
        }
        let mut needed = vec![model::tag_conditions(create, &input.tags)];
        if model::has_own_tags(&input.tags) {
            let tag = model::permission_on(ctx, "iam:TagUser", &arn)?;
            needed.push(model::tag_conditions(tag, &input.tags));
        }
        Ok(needed)
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let path = input.path.as_deref();
        let mut user = User(Entity::new::<User>(ctx, &input.user_name, path, &input.tags)?);
        let boundary = input.permissions_boundary.as_deref();
        model::create(ctx, tx, &mut user, boundary).await?;
        Ok(Output { user: UserShape::whole(ctx, &user) })
    }
}
