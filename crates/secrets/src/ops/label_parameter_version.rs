use crate::{Error, Parameters, config, keys::Place, model};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Gives labels to a version; a label that another has moves.
pub(crate) struct LabelParameterVersion;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
    parameter_version: Option<u64>,
    labels: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    invalid_labels: Vec<String>,
    parameter_version: u64,
}

impl Operation for LabelParameterVersion {
    type Service = Parameters;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "LabelParameterVersion";

    async fn permissions(
        _: &Parameters,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(vec![super::on_parameter(ctx, "ssm:LabelParameterVersion", &input.name)])
    }

    async fn run(
        _: &Parameters,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let place = Place::of(ctx);
        let mut parameter = model::get(tx, &place, &input.name).await?;
        let number = input.parameter_version.unwrap_or(parameter.current.number);
        if model::version(tx, &place, &parameter, number).await?.is_none() {
            let version = number.to_string();
            return Err(Error::VersionNotFound { name: parameter.name, version }.into());
        }
        let (good, invalid_labels): (Vec<String>, _) =
            input.labels.iter().cloned().partition(|label| model::check_label(label));
        parameter.labels.extend(good.into_iter().map(|label| (label, number)));
        if parameter.labels_of(number).len() > config::LABELS {
            return Err(Error::TooManyLabels.into());
        }
        parameter.save(tx, &place)?;
        Ok(Output { invalid_labels, parameter_version: number })
    }
}
