use crate::{Error, Parameters, keys::Place, model};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Takes labels from a version.
pub(crate) struct UnlabelParameterVersion;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
    parameter_version: u64,
    labels: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    removed_labels: Vec<String>,
    invalid_labels: Vec<String>,
}

impl Operation for UnlabelParameterVersion {
    type Service = Parameters;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "UnlabelParameterVersion";

    async fn permissions(
        _: &Parameters,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(vec![super::on_parameter(ctx, "ssm:UnlabelParameterVersion", &input.name)])
    }

    async fn run(
        _: &Parameters,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let place = Place::of(ctx);
        let mut parameter = model::get(tx, &place, &input.name).await?;
        let number = input.parameter_version;
        if model::version(tx, &place, &parameter, number).await?.is_none() {
            let version = number.to_string();
            return Err(Error::VersionNotFound { name: parameter.name, version }.into());
        }
        let (removed_labels, invalid_labels): (Vec<String>, _) = input
            .labels
            .iter()
            .cloned()
            .partition(|label| parameter.labels.get(label) == Some(&number));
        parameter.labels.retain(|label, _| !removed_labels.contains(label));
        parameter.save(tx, &place)?;
        Ok(Output { removed_labels, invalid_labels })
    }
}
