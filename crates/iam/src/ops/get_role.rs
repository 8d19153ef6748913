use crate::{
    Iam,
    model::{self, Role},
    shapes::RoleShape,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Shows a role.
pub(crate) struct GetRole;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    role: RoleShape,
}

impl Operation for GetRole {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetRole";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission::<Role>(ctx, tx, &input.role_name, "iam:GetRole").await
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let role: Role = model::get(ctx, tx, &input.role_name).await?;
        Ok(Output { role: RoleShape::whole(ctx, &role) })
    }
}
