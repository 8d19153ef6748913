use crate::{
    Iam,
    model::{self, Owner, Page, PageInput, Tag, User},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists the tags of a user.
pub(crate) struct ListUserTags;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    tags: Vec<Tag>,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl Operation for ListUserTags {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListUserTags";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission::<User>(ctx, tx, &input.user_name, "iam:ListUserTags").await
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let user: User = model::get(ctx, tx, &input.user_name).await?;
        let page = PageInput::new(input.marker.as_deref(), input.max_items);
        let page = Page::cut(model::to_list(&user.entity().tags), &page, |tag| &tag.key)?;
        Ok(Output { is_truncated: page.is_truncated(), tags: page.items, marker: page.marker })
    }
}
