use crate::{
    Iam,
    model::{self, Policy, Tag},
    shapes::PolicyShape,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Creates a managed policy with its first version.
pub(crate) struct CreatePolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    policy_name: String,
    path: Option<String>,
    policy_document: String,
    description: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy: PolicyShape,
}

impl Operation for CreatePolicy {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "CreatePolicy";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let (path, name) = (input.path.as_deref().unwrap_or("/"), &input.policy_name);
        let arn = format!("arn:aws:iam::{}:policy{path}{name}", ctx.account());
        let create = model::permission_on(ctx, "iam:CreatePolicy", &arn)?;
        let mut needed = vec![model::tag_conditions(create, &input.tags)];
        if model::has_own_tags(&input.tags) {
            let tag = model::permission_on(ctx, "iam:TagPolicy", &arn)?;
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
        model::managed_policy(&input.policy_document)?;
        let tags = model::check_tags(ctx, types::Tags::new(), &input.tags)?;
        let mut policy = Policy::new(ctx, &input.policy_name, &input.policy_document);
        policy.description.clone_from(&input.description);
        policy.tags = tags;
        if let Some(path) = &input.path {
            policy.path.clone_from(path);
        }
        model::create_policy(ctx, tx, &policy).await?;
        Ok(Output { policy: PolicyShape::local(ctx, tx, &policy).await? })
    }
}
