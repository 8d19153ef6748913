use crate::{Error, Functions, model};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Tells the policy of a layer version.
pub(crate) struct GetLayerVersionPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    layer_name: String,
    version_number: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy: String,
    revision_id: String,
}

impl Operation for GetLayerVersionPolicy {
    type Service = Functions;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetLayerVersionPolicy";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let (platform, name) = (&functions.platform, &input.layer_name);
        let action = "lambda:GetLayerVersionPolicy";
        model::layer_version_permission(platform, tx, name, input.version_number, action).await
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let platform = &functions.platform;
        let (layer, number) =
            model::layer_version(platform, &input.layer_name, input.version_number)?;
        let found = model::the_layer(platform, tx, &layer, number).await?;
        if found.statements.is_empty() {
            let text = "No policy is associated with the given resource.";
            return Err(Error::NotFound(text.to_owned()).into());
        }
        Ok(Output { policy: found.policy()?, revision_id: found.revision.to_string() })
    }
}
