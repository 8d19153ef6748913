use crate::{Logs, model};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Lets the events of a group stay for ever.
pub(crate) struct DeleteRetentionPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
}

impl Operation for DeleteRetentionPolicy {
    type Service = Logs;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteRetentionPolicy";

    async fn permissions(
        _: &Logs,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(super::on_group(ctx, "logs:DeleteRetentionPolicy", &input.log_group_name))
    }

    async fn run(
        _: &Logs,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let mut group = model::get_group(ctx, tx, &input.log_group_name).await?;
        group.retention_days = None;
        group.save(tx)?;
        Ok(Empty {})
    }
}
