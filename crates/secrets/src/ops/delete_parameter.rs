use crate::{Parameters, keys::Place, model};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Deletes a parameter with all its versions.
pub(crate) struct DeleteParameter;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
}

impl Operation for DeleteParameter {
    type Service = Parameters;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteParameter";

    async fn permissions(
        _: &Parameters,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(vec![super::on_parameter(ctx, "ssm:DeleteParameter", &input.name)])
    }

    async fn run(
        _: &Parameters,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let place = Place::of(ctx);
        let parameter = model::get(tx, &place, &input.name).await?;
        model::remove(tx, &place, &parameter).await?;
        Ok(Empty {})
    }
}
