use crate::{Tables, config, model};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// The capacity units that tables can have.
pub(crate) struct DescribeLimits;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    account_max_read_capacity_units: u64,
    account_max_write_capacity_units: u64,
    table_max_read_capacity_units: u64,
    table_max_write_capacity_units: u64,
}

impl Operation for DescribeLimits {
    type Service = Tables;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "DescribeLimits";

    async fn permissions(
        _: &Tables,
        _: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(model::control("dynamodb:DescribeLimits"))
    }

    async fn run(
        _: &Tables,
        _: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Self::Output, Fault> {
        Ok(Output {
            account_max_read_capacity_units: config::ACCOUNT_UNITS,
            account_max_write_capacity_units: config::ACCOUNT_UNITS,
            table_max_read_capacity_units: config::TABLE_UNITS,
            table_max_write_capacity_units: config::TABLE_UNITS,
        })
    }
}
