use crate::{
    Error, Parameters, config,
    keys::Place,
    model::{self, Described, Filter, FilterInput, OldFilterInput},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists parameters without their values.
pub(crate) struct DescribeParameters;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    filters: Vec<OldFilterInput>,
    #[serde(default)]
    parameter_filters: Vec<FilterInput>,
    max_results: Option<usize>,
    next_token: Option<String>,
    #[serde(default)]
    shared: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    parameters: Vec<Described>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for DescribeParameters {
    type Service = Parameters;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "DescribeParameters";

    async fn permissions(
        _: &Parameters,
        ctx: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(vec![Permission::new("ssm:DescribeParameters", ctx.arn("ssm", "*").to_string())])
    }

    async fn run(
        _: &Parameters,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        if input.shared {
            return Err(
                Error::Unsupported("parameters that other accounts share".to_owned()).into()
            );
        }
        if !input.filters.is_empty() && !input.parameter_filters.is_empty() {
            let text = "You can use either Filters or ParameterFilters in a single request.";
            return Err(Error::validation(text).into());
        }
        let mut filters: Vec<Filter> = input.filters.iter().map(Filter::old).collect();
        for filter in &input.parameter_filters {
            filters.push(Filter::try_from(filter)?);
        }
        let limit = input.max_results.unwrap_or(config::DESCRIBE_RESULTS);
        let token = input.next_token.as_ref();
        let place = Place::of(ctx);
        let page = model::page(tx, &place, ("", limit), token, |parameter| {
            filters.iter().all(|filter| filter.passes(parameter))
        });
        let page = page.await?;
        let describe = |parameter| Described::new(ctx, parameter);
        let parameters = page.parameters.iter().map(describe).collect();
        Ok(Output { parameters, next_token: page.next_token })
    }
}
