use crate::{
    Error, Stacks, keys,
    model::Execution,
    requests::{find_change_set, permission},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Deletes a change set. One that does not exist is deleted.
pub(crate) struct DeleteChangeSet;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    change_set_name: String,
    stack_name: Option<String>,
}

impl Operation for DeleteChangeSet {
    type Service = Stacks;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteChangeSet";

    async fn permissions(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let tx = &mut service.open(tx);
        permission(
            ctx,
            tx,
            "cloudformation:DeleteChangeSet",
            input.stack_name.as_ref().unwrap_or(&input.change_set_name),
        )
        .await
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let tx = &mut service.open(tx);
        let stack_name = input.stack_name.as_ref();
        let found = find_change_set(ctx, tx, &input.change_set_name, stack_name).await;
        let (place, set) = match found {
            Err(fault) if fault.code() == "ChangeSetNotFoundException" => return Ok(Empty {}),
            found => found?,
        };
        if set.execution == Execution::InProgress {
            let text = format!(
                "ChangeSet [{}] cannot be deleted in its current execution status of \
                 [EXECUTE_IN_PROGRESS]",
                set.arn(&place)
            );
            return Err(Error::InvalidChangeSetStatus(text).into());
        }
        let (account, region) = (&place.account, &place.region);
        tx.delete(place.change_set(&set.name))?;
        tx.delete(keys::change_set_id(account, region, &set.id))?;
        let (text, original) = keys::change_set_template(&place, &set.id);
        tx.delete(text)?;
        tx.delete(original)?;
        Ok(Empty {})
    }
}
