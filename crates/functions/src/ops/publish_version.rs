use crate::{
    Functions,
    model::{self, Configuration, FunctionName, Publication},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission};

/// Publishes `$LATEST` as a version that never changes.
pub(crate) struct PublishVersion;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    code_sha256: Option<String>,
    description: Option<String>,
    revision_id: Option<String>,
}

impl Operation for PublishVersion {
    type Service = Functions;
    type Input = Input;
    type Output = Configuration;
    const NAME: &'static str = "PublishVersion";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.function_name)?;
        model::permission(platform, tx, &name, "lambda:PublishVersion").await
    }

    async fn run(
        functions: &Functions,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Configuration, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.function_name)?;
        let function = model::the(platform, tx, &name).await?;
        let wanted = Publication {
            description: input.description.as_deref(),
            code_sha256: input.code_sha256.as_deref(),
            revision: input.revision_id.as_deref(),
        };
        let published = model::publish(functions, ctx, tx, &function, wanted).await?;
        Ok(model::describe(&published, &functions.vault)?)
    }
}
