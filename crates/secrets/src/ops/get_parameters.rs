use crate::{
    Error, Parameters,
    keys::Place,
    model::{self, Asked, Parameter, Shown, Version},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// The values of parameters, and which there are not.
pub(crate) struct GetParameters;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    names: Vec<String>,
    #[serde(default)]
    with_decryption: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    parameters: Vec<Shown>,
    invalid_parameters: Vec<String>,
}

impl Operation for GetParameters {
    type Service = Parameters;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetParameters";

    async fn permissions(
        _: &Parameters,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(super::on_parameters(ctx, "ssm:GetParameters", &input.names))
    }

    async fn run(
        service: &Parameters,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let mut output = Output { parameters: Vec::new(), invalid_parameters: Vec::new() };
        for (index, name) in input.names.iter().enumerate() {
            if input.names[..index].contains(name) {
                continue;
            }
            match lookup(ctx, tx, name).await {
                Ok((asked, parameter, version)) => {
                    let found = (&parameter, &version);
                    let decrypt = input.with_decryption;
                    let shown = Shown::new(ctx, &service.vault, found, Some(&asked), decrypt)?;
                    output.parameters.push(shown);
                }
                Err(Error::Store(error)) => return Err(error.into()),
                Err(_) => output.invalid_parameters.push(name.clone()),
            }
        }
        Ok(output)
    }
}

async fn lookup(
    ctx: &Context,
    tx: &mut Transaction,
    name: &str,
) -> Result<(Asked, Parameter, Version), Error> {
    let place = Place::of(ctx);
    let asked = model::parse(ctx, name)?;
    let parameter = model::found(tx, &place, &asked).await?;
    let version = model::select(tx, &place, &parameter, &asked).await?;
    Ok((asked, parameter, version))
}
