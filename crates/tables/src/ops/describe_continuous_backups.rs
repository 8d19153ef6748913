use crate::{
    Error, Tables,
    model::{self, Name},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Says that a table has no continuous backups.
pub(crate) struct DescribeContinuousBackups;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    table_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    continuous_backups_description: ContinuousBackups,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ContinuousBackups {
    continuous_backups_status: &'static str,
    point_in_time_recovery_description: PointInTimeRecovery,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PointInTimeRecovery {
    point_in_time_recovery_status: &'static str,
}

impl Operation for DescribeContinuousBackups {
    type Service = Tables;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "DescribeContinuousBackups";

    async fn permissions(
        _: &Tables,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(model::table_permission(ctx, &input.table_name, "dynamodb:DescribeContinuousBackups"))
    }

    async fn run(
        tables: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Self::Output, Fault> {
        let name = Name::parse(&input.table_name, ctx)?;
        if tables.find(ctx, tx, &name).await?.is_none() {
            return Err(Error::BackupTableNotFound(name.as_str().to_owned()).into());
        }
        let recovery = PointInTimeRecovery { point_in_time_recovery_status: "DISABLED" };
        Ok(Output {
            continuous_backups_description: ContinuousBackups {
                continuous_backups_status: "DISABLED",
                point_in_time_recovery_description: recovery,
            },
        })
    }
}
