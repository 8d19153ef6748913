use crate::{Error, Logs, model};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Creates a stream in a group.
pub(crate) struct CreateLogStream;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
    log_stream_name: String,
}

impl Operation for CreateLogStream {
    type Service = Logs;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "CreateLogStream";

    async fn permissions(
        _: &Logs,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let (group, stream) = (&input.log_group_name, &input.log_stream_name);
        Ok(super::on_stream(ctx, "logs:CreateLogStream", group, stream))
    }

    async fn run(
        _: &Logs,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let group = model::get_group(ctx, tx, &input.log_group_name).await?;
        let name = &input.log_stream_name;
        if model::find_stream(tx, &group, name).await?.is_some() {
            return Err(Error::StreamExists.into());
        }
        model::create_stream(tx, &group, name, ctx.ids(), ctx.now)?;
        Ok(Empty {})
    }
}
