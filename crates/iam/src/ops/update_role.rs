use crate::{
    Iam,
    model::{self, Role},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Changes description and longest session of a role. What is left out stays.
pub(crate) struct UpdateRole;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    description: Option<String>,
    max_session_duration: Option<u32>,
}

impl Operation for UpdateRole {
    type Service = Iam;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "UpdateRole";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission::<Role>(ctx, tx, &input.role_name, "iam:UpdateRole").await
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut role: Role = model::get(ctx, tx, &input.role_name).await?;
        if let Some(description) = &input.description {
            role.description = Some(description.clone()).filter(|text| !text.is_empty());
        }
        if let Some(max) = input.max_session_duration {
            role.max_session_seconds = max;
        }
        model::save(ctx, tx, &role)?;
        Ok(Empty {})
    }
}
