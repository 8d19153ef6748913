use crate::{
    Iam, config,
    model::{self, Entity, Role, Tag},
    shapes::RoleShape,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Creates a role.
pub(crate) struct CreateRole;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    path: Option<String>,
    role_name: String,
    assume_role_policy_document: String,
    description: Option<String>,
    max_session_duration: Option<u32>,
    permissions_boundary: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    role: RoleShape,
}

impl Operation for CreateRole {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "CreateRole";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let (path, name) = (input.path.as_deref().unwrap_or("/"), &input.role_name);
        let arn = format!("arn:aws:iam::{}:role{path}{name}", ctx.account());
        let mut create = model::permission_on(ctx, "iam:CreateRole", &arn)?;
        if let Some(boundary) = &input.permissions_boundary {
            create = create.with_condition("iam:PermissionsBoundary", boundary);
        }
        let mut needed = vec![model::tag_conditions(create, &input.tags)];
        if model::has_own_tags(&input.tags) {
            let tag = model::permission_on(ctx, "iam:TagRole", &arn)?;
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
        model::trust_policy(&input.assume_role_policy_document)?;
        let max = input.max_session_duration.unwrap_or(config::DEFAULT_MAX_SESSION_SECONDS);
        let mut role = Role {
            entity: Entity::new::<Role>(ctx, &input.role_name, input.path.as_deref(), &input.tags)?,
            trust: input.assume_role_policy_document.clone(),
            description: input.description.clone(),
            max_session_seconds: max,
        };
        let boundary = input.permissions_boundary.as_deref();
        model::create(ctx, tx, &mut role, boundary).await?;
        Ok(Output { role: RoleShape::whole(ctx, &role) })
    }
}
