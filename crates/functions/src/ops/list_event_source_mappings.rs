use crate::{
    Functions, config,
    model::{self, FunctionName, MappingView},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{
    Context, Fault, Operation, Permission,
    mapping::{self, Mapping},
};
use types::Arn;

/// Lists event source mappings, those of one function or one source if told.
pub(crate) struct ListEventSourceMappings;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    event_source_arn: Option<Arn>,
    function_name: Option<String>,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    event_source_mappings: Vec<MappingView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

impl Operation for ListEventSourceMappings {
    type Service = Functions;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListEventSourceMappings";

    async fn permissions(
        _: &Functions,
        _: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(vec![Permission::new("lambda:ListEventSourceMappings", "*")])
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let platform = &functions.platform;
        let name = input.function_name.as_deref();
        let name = name.map(|name| FunctionName::parse(platform, name, None)).transpose()?;
        let after = model::read_marker(input.marker.as_deref())?;
        let (account, region) = (&platform.account, &platform.region);
        let all = mapping::list(tx, account, region, config::MAPPINGS).await?;
        let wanted = |one: &&Mapping| {
            let function = FunctionName::of_arn(platform, &one.function).ok();
            name.as_ref().is_none_or(|name| {
                function.is_some_and(|f| match name.is_qualified() {
                    true => f.target() == name.target(),
                    false => f.arn() == name.arn(),
                })
            }) && input.event_source_arn.as_ref().is_none_or(|arn| *arn == one.source)
                && after.as_ref().is_none_or(|after| one.id.to_string() > *after)
        };
        let limit = input.max_items.unwrap_or(config::LIST_MAPPINGS).min(config::LIST_MAPPINGS);
        let found: Vec<&Mapping> = all.iter().filter(wanted).collect();
        let (page, next_marker) = model::page(&found, limit, |one| one.id.to_string());
        Ok(Output {
            event_source_mappings: page
                .iter()
                .map(|one| model::view_mapping(platform, one, None))
                .collect(),
            next_marker,
        })
    }
}
