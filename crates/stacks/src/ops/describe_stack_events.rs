use crate::{
    Stacks,
    model::{Event, wanted},
    page::page,
    requests::permission,
    shapes::EventShape,
};
use kv::Range;
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Tells what happened to a stack, the newest first.
pub(crate) struct DescribeStackEvents;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    stack_name: String,
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    stack_events: Vec<EventShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for DescribeStackEvents {
    type Service = Stacks;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "DescribeStackEvents";

    async fn permissions(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let tx = &mut service.open(tx);
        permission(ctx, tx, "cloudformation:DescribeStackEvents", &input.stack_name).await
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let tx = &mut service.open(tx);
        let stack = wanted(ctx, tx, &input.stack_name).await?;
        let prefix = stack.place.events();
        let range = Range::prefix(&prefix);
        let (entries, next_token) = page(tx, &range, input.next_token.as_ref(), true).await?;
        let mut stack_events = Vec::new();
        for entry in entries {
            let event: Event = tx.decode_appended(&prefix, &entry)?;
            stack_events.push(EventShape::of(&stack, event, &entry.key));
        }
        Ok(Output { stack_events, next_token })
    }
}
