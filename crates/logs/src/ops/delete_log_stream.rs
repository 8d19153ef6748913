use crate::{Logs, jobs, model};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Deletes a stream with its events.
pub(crate) struct DeleteLogStream;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
    log_stream_name: String,
}

impl Operation for DeleteLogStream {
    type Service = Logs;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteLogStream";

    async fn permissions(
        _: &Logs,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let (group, stream) = (&input.log_group_name, &input.log_stream_name);
        Ok(super::on_stream(ctx, "logs:DeleteLogStream", group, stream))
    }

    async fn run(
        _: &Logs,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let group = model::get_group(ctx, tx, &input.log_group_name).await?;
        let stream = model::get_stream(tx, &group, &input.log_stream_name).await?;
        stream.remove(tx, &group)?;
        if stream.last_event.is_some() {
            jobs::clear_stream(ctx, tx, &group, &stream)?;
        }
        Ok(Empty {})
    }
}
