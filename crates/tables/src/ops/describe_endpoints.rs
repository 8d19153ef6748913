use crate::{Tables, model};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// The address of this platform, for clients that look for endpoints.
pub(crate) struct DescribeEndpoints;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    endpoints: Vec<Endpoint>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Endpoint {
    address: String,
    cache_period_in_minutes: u64,
}

impl Operation for DescribeEndpoints {
    type Service = Tables;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "DescribeEndpoints";

    async fn permissions(
        _: &Tables,
        _: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(model::control("dynamodb:DescribeEndpoints"))
    }

    async fn run(
        _: &Tables,
        ctx: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Self::Output, Fault> {
        let address = ctx.platform.public_url.authority().to_owned();
        Ok(Output { endpoints: vec![Endpoint { address, cache_period_in_minutes: 1440 }] })
    }
}
