use crate::{
    Iam,
    model::{self, Page, PageInput, User},
    shapes::KeyShape,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists the access keys of a user, without their secrets.
pub(crate) struct ListAccessKeys;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: Option<String>,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    access_key_metadata: Vec<KeyShape>,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl Operation for ListAccessKeys {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListAccessKeys";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission_on_user(ctx, tx, input.user_name.as_deref(), "iam:ListAccessKeys").await
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let owner = model::user_or_caller(ctx, input.user_name.as_deref())?;
        if let Some(name) = owner.user() {
            let _user: User = model::get(ctx, tx, name).await?;
        }
        let page = PageInput::new(input.marker.as_deref(), input.max_items);
        let keys = model::keys_of(tx, ctx.account(), &owner).await?;
        let keys = keys.iter().map(|key| KeyShape::of(key, None));
        let page = Page::cut(keys, &page, |key| &key.access_key_id)?;
        Ok(Output {
            is_truncated: page.is_truncated(),
            access_key_metadata: page.items,
            marker: page.marker,
        })
    }
}
