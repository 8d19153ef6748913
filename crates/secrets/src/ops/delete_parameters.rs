use crate::{Parameters, keys::Place, model};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Deletes parameters, and tells which were not there.
pub(crate) struct DeleteParameters;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    names: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    deleted_parameters: Vec<String>,
    invalid_parameters: Vec<String>,
}

impl Operation for DeleteParameters {
    type Service = Parameters;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "DeleteParameters";

    async fn permissions(
        _: &Parameters,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(super::on_parameters(ctx, "ssm:DeleteParameters", &input.names))
    }

    async fn run(
        _: &Parameters,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let place = Place::of(ctx);
        let mut output = Output { deleted_parameters: Vec::new(), invalid_parameters: Vec::new() };
        for name in &input.names {
            match model::find(tx, &place, name).await? {
                Some(parameter) => {
                    model::remove(tx, &place, &parameter).await?;
                    output.deleted_parameters.push(name.clone());
                }
                None => output.invalid_parameters.push(name.clone()),
            }
        }
        Ok(output)
    }
}
