use crate::{Logs, jobs, model};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Sets for how many days the events of a group are kept.
pub(crate) struct PutRetentionPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
    retention_in_days: i64,
}

impl Operation for PutRetentionPolicy {
    type Service = Logs;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "PutRetentionPolicy";

    async fn permissions(
        _: &Logs,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(super::on_group(ctx, "logs:PutRetentionPolicy", &input.log_group_name))
    }

    async fn run(
        _: &Logs,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut group = model::get_group(ctx, tx, &input.log_group_name).await?;
        group.set_retention(input.retention_in_days)?;
        jobs::sweep(ctx, tx, &mut group)?;
        group.save(tx)?;
        Ok(Empty {})
    }
}
