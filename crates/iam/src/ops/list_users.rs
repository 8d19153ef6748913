use crate::{
    Iam,
    model::{self, Page, PageInput, User},
    shapes::UserShape,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists users below a path, in the order of their names.
pub(crate) struct ListUsers;

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
    users: Vec<UserShape>,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl Operation for ListUsers {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListUsers";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        let arn = format!("arn:aws:iam::{}:user{prefix}", ctx.account());
        Ok(vec![model::permission_on(ctx, "iam:ListUsers", &arn)?])
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let page = PageInput::new(input.marker.as_deref(), input.max_items);
        let prefix = input.path_prefix.as_deref();
        let page: Page<User> = model::list(ctx, tx, prefix, &page).await?;
        Ok(Output {
            users: page.items.iter().map(|user| UserShape::listed(ctx, user)).collect(),
            is_truncated: page.is_truncated(),
            marker: page.marker,
        })
    }
}
