use crate::{Queues, model};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists the queues whose dead letters come to a queue.
pub(crate) struct ListDeadLetterSourceQueues;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    queue_url: String,
    max_results: Option<u32>,
    next_token: Option<String>,
}

/// Queues that are looked at together.
const PAGE: usize = 200;

#[derive(Debug, Serialize)]
pub(crate) struct Output {
    #[serde(rename = "queueUrls")]
    queue_urls: Vec<String>,
    #[serde(rename = "NextToken", skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListDeadLetterSourceQueues {
    type Service = Queues;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListDeadLetterSourceQueues";

    async fn permissions(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission(ctx, tx, &input.queue_url, "sqs:ListDeadLetterSourceQueues").await
    }

    async fn run(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let queue = model::at_url(ctx, tx, &input.queue_url).await?;
        let arn = queue.arn();
        let limit = model::page_size(input.max_results)?;
        let mut after = input.next_token.as_deref().map(model::read_token).transpose()?;
        let mut output = Output { queue_urls: Vec::new(), next_token: None };
        loop {
            let page = model::list(ctx, tx, "", after.as_deref(), PAGE).await?;
            for source in &page {
                if source.redrive.as_ref().is_some_and(|redrive| redrive.target == arn) {
                    output.queue_urls.push(source.name.url(ctx));
                }
                after = Some(source.name.as_str().to_owned());
                if output.queue_urls.len() == limit {
                    output.next_token = after.as_deref().map(model::token);
                    return Ok(output);
                }
            }
            if page.len() < PAGE {
                return Ok(output);
            }
        }
    }
}
