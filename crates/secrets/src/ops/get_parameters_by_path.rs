use crate::{
    Error, Parameters, config,
    keys::Place,
    model::{self, Filter, FilterInput, Shown},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// The values of the parameters of a hierarchy.
pub(crate) struct GetParametersByPath;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    path: String,
    #[serde(default)]
    recursive: bool,
    #[serde(default)]
    parameter_filters: Vec<FilterInput>,
    #[serde(default)]
    with_decryption: bool,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    parameters: Vec<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for GetParametersByPath {
    type Service = Parameters;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetParametersByPath";

    async fn permissions(
        _: &Parameters,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let permission = super::on_parameter(ctx, "ssm:GetParametersByPath", &input.path);
        let recursive = input.recursive.to_string();
        Ok(vec![permission.with_condition("ssm:Recursive", recursive)])
    }

    async fn run(
        service: &Parameters,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        model::check_path(&input.path)?;
        let filters = filters(&input.parameter_filters)?;
        let path = input.path.strip_suffix('/').unwrap_or(&input.path);
        // At the top there is also what has no slash.
        let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
        let limit = input.max_results.unwrap_or(config::PATH_RESULTS);
        let token = input.next_token.as_ref();
        let place = Place::of(ctx);
        let page = model::page(tx, &place, (&prefix, limit), token, |parameter| {
            model::is_under(&parameter.name, path, input.recursive)
                && filters.iter().all(|filter| filter.passes(parameter))
        });
        let page = page.await?;
        let show = |parameter: &model::Parameter| {
            let found = (parameter, &parameter.current);
            Shown::new(ctx, &service.vault, found, None, input.with_decryption)
        };
        let parameters = page.parameters.iter().map(show).collect::<Result<_, _>>()?;
        Ok(Output { parameters, next_token: page.next_token })
    }
}

/// A hierarchy is filtered by less than a description is.
fn filters(inputs: &[FilterInput]) -> Result<Vec<Filter>, Error> {
    let filter = |input: &FilterInput| match input.key.as_str() {
        "Type" | "KeyId" => Filter::try_from(input),
        "Label" => Err(Error::Unsupported("filters by Label".to_owned())),
        key => Err(Error::FilterKey(key.to_owned())),
    };
    inputs.iter().map(filter).collect()
}
