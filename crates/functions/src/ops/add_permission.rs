use crate::{
    Error, Functions,
    model::{self, FunctionName, NewStatement, PolicyOwner, Qualifier},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Adds a statement to the policy of a function, a version or an alias.
pub(crate) struct AddPermission;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    statement_id: String,
    action: String,
    principal: String,
    source_arn: Option<String>,
    source_account: Option<String>,
    function_url_auth_type: Option<String>,
    invoked_via_function_url: Option<bool>,
    #[serde(rename = "PrincipalOrgID")]
    principal_org_id: Option<String>,
    qualifier: Option<String>,
    revision_id: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    statement: String,
}

impl Operation for AddPermission {
    type Service = Functions;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "AddPermission";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        model::permission(platform, tx, &name, "lambda:AddPermission").await
    }

    async fn run(
        functions: &Functions,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        if name.is_qualified() && name.qualifier() == Qualifier::Latest {
            let text = "We currently do not support adding policies for $LATEST.";
            return Err(Error::InvalidParameterValue(text.to_owned()).into());
        }
        let owner = PolicyOwner::the(platform, tx, &name).await?;
        owner.check_revision(input.revision_id.as_deref())?;
        if owner.statements().iter().any(|one| one["Sid"] == input.statement_id.as_str()) {
            return Err(model::statement_exists(&input.statement_id).into());
        }
        let statement = NewStatement {
            id: &input.statement_id,
            action: &input.action,
            principal: &input.principal,
            resource: &name.qualified_arn(),
            source_arn: input.source_arn.as_deref(),
            source_account: input.source_account.as_deref(),
            url_auth_type: input.function_url_auth_type.as_deref(),
            via_url: input.invoked_via_function_url,
            organization: input.principal_org_id.as_deref(),
        };
        let statement = statement.build()?;
        let mut statements = owner.statements().to_vec();
        statements.push(statement.clone());
        // A policy that could not be read again must not be stored.
        model::document(&statements)?;
        owner.set(platform, tx, statements, ctx.ids().uuid())?;
        Ok(Output { statement: statement.to_string() })
    }
}
