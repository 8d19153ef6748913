use crate::{
    Error, Functions,
    model::{self, FunctionName, PolicyOwner},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Tells the policy of a function.
pub(crate) struct GetPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    qualifier: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy: String,
    revision_id: String,
}

impl Operation for GetPolicy {
    type Service = Functions;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetPolicy";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        model::permission(platform, tx, &name, "lambda:GetPolicy").await
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        let owner = PolicyOwner::the(platform, tx, &name).await?;
        if owner.statements().is_empty() {
            let text = "The resource you requested does not exist.".to_owned();
            return Err(Error::NotFound(text).into());
        }
        Ok(Output {
            policy: model::policy_text(owner.statements())?,
            revision_id: owner.revision().to_string(),
        })
    }
}
