use crate::{Logs, jobs, keys, model};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Deletes a group with all that it holds.
pub(crate) struct DeleteLogGroup;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
}

impl Operation for DeleteLogGroup {
    type Service = Logs;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteLogGroup";

    async fn permissions(
        _: &Logs,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(super::on_group(ctx, "logs:DeleteLogGroup", &input.log_group_name))
    }

    async fn run(
        _: &Logs,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let group = model::get_group(ctx, tx, &input.log_group_name).await?;
        tx.delete(keys::group(ctx.account(), &ctx.region, &group.name))?;
        jobs::clear_group(ctx, tx, &group)?;
        Ok(Empty {})
    }
}
