use crate::{
    Queues,
    model::{self, PolicyStatement},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Adds a statement to the policy of a queue, under a label.
pub(crate) struct AddPermission;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    queue_url: String,
    label: String,
    #[serde(rename = "AWSAccountIds")]
    account_ids: Vec<String>,
    actions: Vec<String>,
}

impl Operation for AddPermission {
    type Service = Queues;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "AddPermission";

    async fn permissions(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::permission(ctx, tx, &input.queue_url, "sqs:AddPermission").await
    }

    async fn run(
        _: &Queues,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut queue = model::at_url(ctx, tx, &input.queue_url).await?;
        let Input { label, account_ids, actions, .. } = input;
        let statement = PolicyStatement::new(label, account_ids, actions, &queue.arn())?;
        queue.policy = Some(statement.add_to(queue.policy.as_deref())?);
        queue.modified = ctx.now;
        model::save(ctx, tx, &queue)?;
        Ok(Empty {})
    }
}
