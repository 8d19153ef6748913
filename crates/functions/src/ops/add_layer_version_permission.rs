use crate::{
    Functions,
    model::{self, NewStatement},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Adds a statement to the policy of a layer version.
pub(crate) struct AddLayerVersionPermission;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    layer_name: String,
    version_number: i64,
    statement_id: String,
    action: String,
    principal: String,
    organization_id: Option<String>,
    revision_id: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    statement: String,
    revision_id: String,
}

impl Operation for AddLayerVersionPermission {
    type Service = Functions;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "AddLayerVersionPermission";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let (platform, name) = (&functions.platform, &input.layer_name);
        let action = "lambda:AddLayerVersionPermission";
        model::layer_version_permission(platform, tx, name, input.version_number, action).await
    }

    async fn run(
        functions: &Functions,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let platform = &functions.platform;
        let (layer, number) =
            model::layer_version(platform, &input.layer_name, input.version_number)?;
        let mut found = model::the_layer(platform, tx, &layer, number).await?;
        found.check_revision(input.revision_id.as_deref())?;
        if found.statements.iter().any(|one| one["Sid"] == input.statement_id.as_str()) {
            return Err(model::statement_exists(&input.statement_id).into());
        }
        let statement = NewStatement {
            id: &input.statement_id,
            action: &input.action,
            principal: &input.principal,
            resource: &found.arn(),
            source_arn: None,
            source_account: None,
            url_auth_type: None,
            via_url: None,
            organization: input.organization_id.as_deref(),
        };
        let statement = statement.build()?;
        found.statements.push(statement.clone());
        // A policy that could not be read again must not be stored.
        model::document(&found.statements)?;
        found.revision = ctx.ids().uuid();
        found.save(platform, tx)?;
        let revision_id = found.revision.to_string();
        Ok(Output { statement: statement.to_string(), revision_id })
    }
}
