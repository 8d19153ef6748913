use crate::{
    Error, Functions,
    model::{self, FunctionName, PolicyOwner},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Removes a statement from the policy of a function, a version or an alias.
pub(crate) struct RemovePermission;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    statement_id: String,
    qualifier: Option<String>,
    revision_id: Option<String>,
}

impl Operation for RemovePermission {
    type Service = Functions;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "RemovePermission";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        model::permission(platform, tx, &name, "lambda:RemovePermission").await
    }

    async fn run(
        functions: &Functions,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        let owner = PolicyOwner::the(platform, tx, &name).await?;
        owner.check_revision(input.revision_id.as_deref())?;
        if owner.statements().is_empty() {
            let text = "No policy is associated with the given resource.";
            return Err(Error::NotFound(text.to_owned()).into());
        }
        let mut statements = owner.statements().to_vec();
        statements.retain(|one| one["Sid"] != input.statement_id.as_str());
        if statements.len() == owner.statements().len() {
            let text = format!("Statement {} is not found in resource policy.", input.statement_id);
            return Err(Error::NotFound(text).into());
        }
        owner.set(platform, tx, statements, ctx.ids().uuid())?;
        Ok(Empty {})
    }
}
