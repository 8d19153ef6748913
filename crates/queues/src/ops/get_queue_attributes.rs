use crate::{Queues, model};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};
use std::collections::BTreeMap;

/// Tells settings and approximate counts of a queue.
pub(crate) struct GetQueueAttributes;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    queue_url: String,
    #[serde(default)]
    attribute_names: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<BTreeMap<String, String>>,
}

impl Operation for GetQueueAttributes {
    type Service = Queues;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetQueueAttributes";

    async fn permissions(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission(ctx, tx, &input.queue_url, "sqs:GetQueueAttributes").await
    }

    async fn run(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let queue = model::at_url(ctx, tx, &input.queue_url).await?;
        let attributes = model::describe(tx, &queue, &input.attribute_names, ctx.now).await?;
        let attributes = (!attributes.is_empty()).then_some(attributes);
        Ok(Output { attributes })
    }
}
