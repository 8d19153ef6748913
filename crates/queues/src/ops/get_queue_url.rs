use crate::{
    Error, Queues,
    model::{self, Name},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Tells the URL of a queue by its name.
pub(crate) struct GetQueueUrl;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    queue_name: String,
    #[serde(rename = "QueueOwnerAWSAccountId")]
    owner: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    queue_url: String,
}

impl Operation for GetQueueUrl {
    type Service = Queues;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetQueueUrl";

    async fn permissions(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let path = format!("{}/{}", ctx.account(), input.queue_name);
        model::permission(ctx, tx, &path, "sqs:GetQueueUrl").await
    }

    async fn run(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        if input.owner.as_deref().is_some_and(|owner| owner != ctx.account().as_str()) {
            return Err(Error::QueueDoesNotExist.into());
        }
        let name = Name::parse(&input.queue_name)?;
        let queue = model::find(tx, ctx.account(), &ctx.region, &name).await?;
        let queue = queue.ok_or(Error::QueueDoesNotExist)?;
        Ok(Output { queue_url: queue.name.url(ctx) })
    }
}
