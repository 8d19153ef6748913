use crate::{
    Error, Queues, jobs,
    model::{self, Name, Queue},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};
use std::collections::BTreeMap;
use types::Tags;

/// Creates a queue. One of the same name and the same attributes is found instead.
pub(crate) struct CreateQueue;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    queue_name: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(rename = "tags", default)]
    tags: Tags,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    queue_url: String,
}

impl Operation for CreateQueue {
    type Service = Queues;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "CreateQueue";

    async fn permissions(
        _: &Queues,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let name = Name::parse(&input.queue_name)?;
        let mut permissions = vec![Permission::new("sqs:CreateQueue", name.arn(ctx).as_str())];
        if !input.tags.is_empty() {
            permissions.push(Permission::new("sqs:TagQueue", name.arn(ctx).as_str()));
        }
        Ok(permissions)
    }

    async fn run(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let name = Name::parse(&input.queue_name)?;
        model::check_type(&name, &input.attributes)?;
        if let Some(found) = model::find(tx, ctx.account(), &ctx.region, &name).await? {
            let mut wanted = found.clone();
            model::changes(tx, &mut wanted, &input.attributes).await?;
            return match model::difference(&found, &wanted) {
                Some(attribute) => Err(Error::QueueNameExists(attribute).into()),
                None => Ok(Output { queue_url: name.url(ctx) }),
            };
        }
        let mut queue = Queue::new(ctx, name);
        model::changes(tx, &mut queue, &input.attributes).await?;
        model::check_tags(&input.tags)?;
        queue.tags = input.tags.clone();
        model::save(ctx, tx, &queue)?;
        jobs::expire(ctx, tx, &queue)?;
        Ok(Output { queue_url: queue.name.url(ctx) })
    }
}
