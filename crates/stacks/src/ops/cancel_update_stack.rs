use crate::{
    Error, Stacks,
    model::{Deployment, StackStatus, wanted},
    requests::permission,
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Ends an update before its time and takes it back.
pub(crate) struct CancelUpdateStack;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    stack_name: String,
    client_request_token: Option<String>,
}

impl Operation for CancelUpdateStack {
    type Service = Stacks;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "CancelUpdateStack";

    async fn permissions(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let tx = &mut service.open(tx);
        permission(ctx, tx, "cloudformation:CancelUpdateStack", &input.stack_name).await
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let tx = &mut service.open(tx);
        let stack = wanted(ctx, tx, &input.stack_name).await?;
        let key = stack.place.deployment();
        let running: Option<Deployment> = tx.get_record(&key).await?;
        match running.filter(|_| stack.status == StackStatus::UpdateInProgress) {
            None => {
                let text = "CancelUpdateStack cannot be called from current stack status";
                Err(Error::validation(text).into())
            }
            Some(mut running) => {
                running.cancelled = true;
                if input.client_request_token.is_some() {
                    running.token.clone_from(&input.client_request_token);
                }
                tx.put_record(key, &running)?;
                Ok(Empty {})
            }
        }
    }
}
