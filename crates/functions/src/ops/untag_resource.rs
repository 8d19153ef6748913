use crate::{
    Functions,
    model::{self, FunctionName},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};
use types::Arn;

/// Removes tags from a function.
pub(crate) struct UntagResource;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    resource: Arn,
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    type Service = Functions;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "UntagResource";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::tagged(platform, &input.resource)?;
        model::permission(platform, tx, &name, "lambda:UntagResource").await
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::tagged(platform, &input.resource)?;
        let mut function = model::the(platform, tx, &name).await?;
        function.tags.retain(|key, _| !input.tag_keys.contains(key));
        model::save(platform, tx, &function)?;
        Ok(Empty {})
    }
}
