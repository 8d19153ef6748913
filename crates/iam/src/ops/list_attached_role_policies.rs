use crate::{
    Iam,
    model::{self, Owner, Page, PageInput, Role},
    shapes::AttachedShape,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists the managed policies attached to a role.
pub(crate) struct ListAttachedRolePolicies;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    attached_policies: Vec<AttachedShape>,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl Operation for ListAttachedRolePolicies {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListAttachedRolePolicies";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission::<Role>(ctx, tx, &input.role_name, "iam:ListAttachedRolePolicies").await
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let role: Role = model::get(ctx, tx, &input.role_name).await?;
        let page = PageInput::new(input.marker.as_deref(), input.max_items);
        let all = AttachedShape::of(role.entity(), input.path_prefix.as_deref());
        let page = Page::cut(all, &page, |policy| &policy.policy_arn)?;
        Ok(Output {
            is_truncated: page.is_truncated(),
            attached_policies: page.items,
            marker: page.marker,
        })
    }
}
