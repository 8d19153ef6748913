use super::create_event_source_mapping::inspect;
use crate::{
    Functions,
    model::{self, FilterCriteria, FunctionName, MappingView, QueueFacts, Scaling},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Permission, PreparedOperation, mapping};

/// Changes an event source mapping; what is absent stays.
pub(crate) struct UpdateEventSourceMapping;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(rename = "UUID")]
    id: String,
    function_name: Option<String>,
    enabled: Option<bool>,
    batch_size: Option<u32>,
    maximum_batching_window_in_seconds: Option<u32>,
    function_response_types: Option<Vec<String>>,
    scaling_config: Option<Scaling>,
    filter_criteria: Option<FilterCriteria>,
}

impl Input {
    fn function(&self, functions: &Functions) -> Result<Option<FunctionName>, Fault> {
        let name = self.function_name.as_deref();
        let parse = |name| FunctionName::parse(&functions.platform, name, None);
        Ok(name.map(parse).transpose()?)
    }
}

impl PreparedOperation for UpdateEventSourceMapping {
    type Service = Functions;
    type Input = Input;
    type Output = MappingView;
    type Prepared = Option<QueueFacts>;
    const NAME: &'static str = "UpdateEventSourceMapping";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let action = "lambda:UpdateEventSourceMapping";
        model::mapping_permission(&functions.platform, tx, &input.id, action).await
    }

    /// Another function may have another role, which must be allowed to read the queue.
    async fn prepare(
        functions: &Functions,
        _: &Context,
        input: &Input,
    ) -> Result<Option<QueueFacts>, Fault> {
        FilterCriteria::patterns(input.filter_criteria.as_ref())?;
        let Some(name) = input.function(functions)? else { return Ok(None) };
        let platform = &functions.platform;
        let mut tx = platform.store.begin();
        let mapping = model::find_mapping(platform, &mut tx, &input.id).await?;
        let function = model::the(platform, &mut tx, &name).await?;
        let role = &function.settings.role;
        inspect(platform, role, name.as_str(), &mapping.source).await.map(Some)
    }

    async fn run(
        functions: &Functions,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
        queue: &Option<QueueFacts>,
    ) -> Result<MappingView, Fault> {
        let platform = &functions.platform;
        let mut mapping = model::find_mapping(platform, tx, &input.id).await?;
        if let (Some(name), Some(queue)) = (input.function(functions)?, queue) {
            let function = model::the(platform, tx, &name).await?;
            queue.check(function.settings.timeout_seconds)?;
            mapping.function = name.qualified_arn();
        }
        mapping.batch_size = input.batch_size.unwrap_or(mapping.batch_size);
        mapping.window_seconds =
            input.maximum_batching_window_in_seconds.unwrap_or(mapping.window_seconds);
        mapping.enabled = input.enabled.unwrap_or(mapping.enabled);
        if let Some(types) = &input.function_response_types {
            mapping.reports_item_failures = !types.is_empty();
        }
        if let Some(scaling) = input.scaling_config {
            mapping.max_concurrency = scaling.maximum_concurrency;
        }
        if let Some(criteria) = &input.filter_criteria {
            mapping.filters = FilterCriteria::patterns(Some(criteria))?;
        }
        mapping.modified = ctx.now;
        model::check_batch(&mapping)?;
        mapping::put(tx, &platform.account, &platform.region, &mapping)?;
        Ok(model::view_mapping(platform, &mapping, Some("Updating")))
    }

    /// Nothing was prepared but knowledge.
    async fn release(_: &Functions, _: &Option<QueueFacts>) {}
}
