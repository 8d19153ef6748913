use crate::{
    Iam,
    model::{self, Owner, Page, PageInput, Role},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists the names of a role's inline policies.
pub(crate) struct ListRolePolicies;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy_names: Vec<String>,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl Operation for ListRolePolicies {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListRolePolicies";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission::<Role>(ctx, tx, &input.role_name, "iam:ListRolePolicies").await
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let role: Role = model::get(ctx, tx, &input.role_name).await?;
        let page = PageInput::new(input.marker.as_deref(), input.max_items);
        let page = Page::cut(role.entity().inline.keys().cloned(), &page, String::as_str)?;
        Ok(Output {
            is_truncated: page.is_truncated(),
            policy_names: page.items,
            marker: page.marker,
        })
    }
}
