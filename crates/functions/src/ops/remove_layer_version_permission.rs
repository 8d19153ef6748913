use crate::{Error, Functions, model};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Removes a statement from the policy of a layer version.
pub(crate) struct RemoveLayerVersionPermission;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    layer_name: String,
    version_number: i64,
    statement_id: String,
    revision_id: Option<String>,
}

impl Operation for RemoveLayerVersionPermission {
    type Service = Functions;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "RemoveLayerVersionPermission";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let (platform, name) = (&functions.platform, &input.layer_name);
        let action = "lambda:RemoveLayerVersionPermission";
        model::layer_version_permission(platform, tx, name, input.version_number, action).await
    }

    async fn run(
        functions: &Functions,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let platform = &functions.platform;
        let (layer, number) =
            model::layer_version(platform, &input.layer_name, input.version_number)?;
        let mut found = model::the_layer(platform, tx, &layer, number).await?;
        found.check_revision(input.revision_id.as_deref())?;
        let before = found.statements.len();
        found.statements.retain(|one| one["Sid"] != input.statement_id.as_str());
        if found.statements.len() == before {
            let text = format!("Statement {} is not found in resource policy.", input.statement_id);
            return Err(Error::NotFound(text).into());
        }
        found.revision = ctx.ids().uuid();
        found.save(platform, tx)?;
        Ok(Empty {})
    }
}
