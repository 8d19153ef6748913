use crate::{
    Iam,
    model::{self, PageInput, Role},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists instance profiles with a role. There are none: instance profiles are not implemented.
pub(crate) struct ListInstanceProfilesForRole;

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
    instance_profiles: Vec<String>,
    is_truncated: bool,
}

impl Operation for ListInstanceProfilesForRole {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListInstanceProfilesForRole";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission::<Role>(ctx, tx, &input.role_name, "iam:ListInstanceProfilesForRole")
            .await
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let _role: Role = model::get(ctx, tx, &input.role_name).await?;
        let page = PageInput::new(input.marker.as_deref(), input.max_items);
        page.after()?;
        Ok(Output { instance_profiles: Vec::new(), is_truncated: false })
    }
}
