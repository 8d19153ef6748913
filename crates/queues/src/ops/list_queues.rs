use crate::{Queues, model};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists the URLs of queues, in the order of their names.
pub(crate) struct ListQueues;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    queue_name_prefix: Option<String>,
    max_results: Option<u32>,
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    queue_urls: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListQueues {
    type Service = Queues;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListQueues";

    async fn permissions(
        _: &Queues,
        ctx: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let arn = ctx.arn("sqs", "*");
        Ok(vec![Permission::new("sqs:ListQueues", arn.as_str())])
    }

    async fn run(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let limit = model::page_size(input.max_results)?;
        let after = input.next_token.as_deref().map(model::read_token).transpose()?;
        let prefix = input.queue_name_prefix.as_deref().unwrap_or_default();
        let queues = model::list(ctx, tx, prefix, after.as_deref(), limit + 1).await?;
        let more = queues.len() > limit && input.max_results.is_some();
        let queues = &queues[..queues.len().min(limit)];
        let last = queues.last().filter(|_| more);
        Ok(Output {
            queue_urls: queues.iter().map(|queue| queue.name.url(ctx)).collect(),
            next_token: last.map(|queue| model::token(queue.name.as_str())),
        })
    }
}
