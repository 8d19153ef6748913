use crate::{
    Iam,
    model::{self, Page, PageInput, Role},
    shapes::RoleShape,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists roles below a path, in the order of their names.
pub(crate) struct ListRoles;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    roles: Vec<RoleShape>,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl Operation for ListRoles {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListRoles";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        let arn = format!("arn:aws:iam::{}:role{prefix}", ctx.account());
        Ok(vec![model::permission_on(ctx, "iam:ListRoles", &arn)?])
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let page = PageInput::new(input.marker.as_deref(), input.max_items);
        let prefix = input.path_prefix.as_deref();
        let page: Page<Role> = model::list(ctx, tx, prefix, &page).await?;
        Ok(Output {
            roles: page.items.iter().map(|role| RoleShape::listed(ctx, role)).collect(),
            is_truncated: page.is_truncated(),
            marker: page.marker,
        })
    }
}
