use crate::{
    Error, Functions, PRINCIPAL, config, identities,
    model::{self, FilterCriteria, FunctionName, MappingView, QueueFacts, Scaling},
};
use kv::Transaction;
use serde::Deserialize;
use service::{
    Caller, Context, Fault, Permission, Platform, PreparedOperation,
    mapping::{self, Mapping},
};
use types::Arn;

/// Lets a function receive the messages of a queue.
pub(crate) struct CreateEventSourceMapping;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    event_source_arn: Option<Arn>,
    function_name: String,
    enabled: Option<bool>,
    batch_size: Option<u32>,
    maximum_batching_window_in_seconds: Option<u32>,
    #[serde(default)]
    function_response_types: Vec<String>,
    scaling_config: Option<Scaling>,
    filter_criteria: Option<FilterCriteria>,
}

impl Input {
    /// The queue.
    fn source(&self) -> Result<&Arn, Error> {
        let Some(source) = &self.event_source_arn else {
            let text = "Event source arn is required.";
            return Err(Error::InvalidParameterValue(text.to_owned()));
        };
        if source.service() != "sqs" {
            let what =
                format!("event source mappings of {}; queues are supported", source.service());
            return Err(Error::Unsupported(what));
        }
        Ok(source)
    }
}

/// A mapping tells in other words that its function is missing.
fn without_function(error: Error) -> Error {
    match error {
        Error::FunctionNotFound(_) => {
            Error::InvalidParameterValue("Function does not exist".to_owned())
        }
        error => error,
    }
}

/// The role of a function, assumed, and what it sees of its queue. The role must be allowed what
/// the mapping does.
pub(super) async fn inspect(
    platform: &Platform,
    role: &Arn,
    function: &str,
    queue: &Arn,
) -> Result<QueueFacts, Fault> {
    let now = platform.clock.now();
    let mut tx = platform.store.begin();
    let caller: Caller = identities(platform)?
        .assume(&mut tx, role, function, PRINCIPAL)
        .await
        .map_err(|fault| {
            tracing::debug!(%fault, "the role of a mapping cannot be assumed");
            Fault::from(Error::InvalidParameterValue(
                "The role defined for the function cannot be assumed by Lambda.".to_owned(),
            ))
        })?;
    drop(tx);
    model::check_role(platform, &caller, queue, now)?;
    model::queue_of(platform, &caller, queue).await
}

impl PreparedOperation for CreateEventSourceMapping {
    type Service = Functions;
    type Input = Input;
    type Output = MappingView;
    type Prepared = QueueFacts;
    const NAME: &'static str = "CreateEventSourceMapping";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let name = FunctionName::parse(&functions.platform, &input.function_name, None)?;
        let permission = Permission::new("lambda:CreateEventSourceMapping", "*");
        Ok(vec![permission.with_condition("lambda:FunctionArn", name.arn().as_str())])
    }

    async fn prepare(
        functions: &Functions,
        _: &Context,
        input: &Input,
    ) -> Result<QueueFacts, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, None)?;
        let source = input.source()?;
        FilterCriteria::patterns(input.filter_criteria.as_ref())?;
        let found = model::the(platform, &mut platform.store.begin(), &name).await;
        let function = found.map_err(without_function)?;
        inspect(platform, &function.settings.role, name.as_str(), source).await
    }

    async fn run(
        functions: &Functions,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
        queue: &QueueFacts,
    ) -> Result<MappingView, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, None)?;
        let function = model::the(platform, tx, &name).await?;
        queue.check(function.settings.timeout_seconds)?;
        let source = input.source()?;
        let (account, region) = (&platform.account, &platform.region);
        let all = mapping::list(tx, account, region, config::MAPPINGS).await?;
        if let Some(other) =
            all.iter().find(|one| one.source == *source && one.function == name.qualified_arn())
        {
            return Err(Error::Conflict(format!(
                "The event source arn (\" {source} \") and function (\" {} \") provided mapping \
                 already exists. Please update or delete the existing mapping with UUID {}",
                name.as_str(),
                other.id
            ))
            .into());
        }
        if all.len() >= config::MAPPINGS {
            let text = format!("At most {} event source mappings can exist.", config::MAPPINGS);
            return Err(Error::InvalidParameterValue(text).into());
        }
        let mapping = Mapping {
            id: ctx.ids().uuid(),
            source: source.clone(),
            function: name.qualified_arn(),
            batch_size: input.batch_size.unwrap_or(config::DEFAULT_BATCH_SIZE),
            window_seconds: input.maximum_batching_window_in_seconds.unwrap_or(0),
            enabled: input.enabled.unwrap_or(true),
            reports_item_failures: !input.function_response_types.is_empty(),
            max_concurrency: input.scaling_config.and_then(|scaling| scaling.maximum_concurrency),
            filters: FilterCriteria::patterns(input.filter_criteria.as_ref())?,
            modified: ctx.now,
        };
        model::check_batch(&mapping)?;
        mapping::put(tx, account, region, &mapping)?;
        Ok(model::view_mapping(platform, &mapping, Some("Creating")))
    }

    /// Nothing was prepared but knowledge.
    async fn release(_: &Functions, _: &QueueFacts) {}
}
