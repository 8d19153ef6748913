use crate::{Tables, model};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Says that items of a table never expire by themselves.
pub(crate) struct DescribeTimeToLive;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    table_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    time_to_live_description: TimeToLive,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TimeToLive {
    time_to_live_status: &'static str,
}

impl Operation for DescribeTimeToLive {
    type Service = Tables;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "DescribeTimeToLive";

    async fn permissions(
        _: &Tables,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(model::table_permission(ctx, &input.table_name, "dynamodb:DescribeTimeToLive"))
    }

    async fn run(
        tables: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Self::Output, Fault> {
        tables.described(ctx, tx, &input.table_name).await?;
        let time_to_live_description = TimeToLive { time_to_live_status: "DISABLED" };
        Ok(Output { time_to_live_description })
    }
}
