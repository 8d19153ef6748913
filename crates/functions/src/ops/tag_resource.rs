use crate::{
    Functions,
    model::{self, FunctionName},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};
use types::{Arn, Tags};

/// Tags a function.
pub(crate) struct TagResource;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    resource: Arn,
    tags: Tags,
}

impl Operation for TagResource {
    type Service = Functions;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "TagResource";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::tagged(platform, &input.resource)?;
        model::permission(platform, tx, &name, "lambda:TagResource").await
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
        function.tags.extend(input.tags.clone());
        model::check_tags(&function.tags)?;
        model::save(platform, tx, &function)?;
        Ok(Empty {})
    }
}
