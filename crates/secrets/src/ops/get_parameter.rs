use crate::{
    Parameters,
    keys::Place,
    model::{self, Shown},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// The value of a parameter, or of one of its versions.
pub(crate) struct GetParameter;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
    #[serde(default)]
    with_decryption: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    parameter: Shown,
}

impl Operation for GetParameter {
    type Service = Parameters;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetParameter";

    async fn permissions(
        _: &Parameters,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(vec![super::on_parameter(ctx, "ssm:GetParameter", &input.name)])
    }

    async fn run(
        service: &Parameters,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let place = Place::of(ctx);
        let asked = model::parse(ctx, &input.name)?;
        let parameter = model::found(tx, &place, &asked).await?;
        let version = model::select(tx, &place, &parameter, &asked).await?;
        let found = (&parameter, &version);
        let parameter =
            Shown::new(ctx, &service.vault, found, Some(&asked), input.with_decryption)?;
        Ok(Output { parameter })
    }
}
