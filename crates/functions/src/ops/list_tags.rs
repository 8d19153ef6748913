use crate::{
    Functions,
    model::{self, FunctionName},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};
use types::{Arn, Tags};

/// Lists the tags of a function.
pub(crate) struct ListTags;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    resource: Arn,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    tags: Tags,
}

impl Operation for ListTags {
    type Service = Functions;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListTags";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::tagged(platform, &input.resource)?;
        model::permission(platform, tx, &name, "lambda:ListTags").await
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::tagged(platform, &input.resource)?;
        let function = model::the(platform, tx, &name).await?;
        Ok(Output { tags: function.tags })
    }
}
