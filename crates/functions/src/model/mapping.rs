//! Event source mappings of queues.

use crate::{Error, config};
use kv::Transaction;
use pattern::Pattern;
use serde::{Deserialize, Serialize};
use serde_json::json;
use service::{Caller, Fault, Permission, Platform, Seconds, authorize, mapping::Mapping};
use types::{Arn, RequestId, Timestamp};

/// `ScalingConfig`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Scaling {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) maximum_concurrency: Option<u32>,
}

/// `FilterCriteria`.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct FilterCriteria {
    #[serde(default)]
    filters: Vec<Filter>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    pattern: String,
}

impl FilterCriteria {
    fn of(patterns: &[String]) -> Option<Self> {
        let filters = patterns.iter().map(|pattern| Filter { pattern: pattern.clone() }).collect();
        (!patterns.is_empty()).then_some(Self { filters })
    }

    /// The patterns, each of them one.
    pub(crate) fn patterns(criteria: Option<&Self>) -> Result<Vec<String>, Error> {
        let filters = criteria.map_or(&[][..], |criteria| &criteria.filters);
        if filters.len() > config::FILTERS {
            let text = format!(
                "At most {} filters are allowed for each event source mapping.",
                config::FILTERS
            );
            return Err(Error::InvalidParameterValue(text));
        }
        let invalid = |reason: String| {
            let text = format!("Invalid filter pattern definition. Reason: {reason}");
            Err(Error::InvalidParameterValue(text))
        };
        let check = |filter: &Filter| match Pattern::parse(&filter.pattern) {
            // What no filter is for is deleted: a name that is nowhere would delete everything.
            Ok(pattern) => match pattern.names().iter().find(|name| **name != "body") {
                Some(name) => {
                    invalid(format!("messages of queues are filtered by body, not by {name}"))
                }
                None => Ok(filter.pattern.clone()),
            },
            Err(reason) => invalid(reason.to_string()),
        };
        filters.iter().map(check).collect()
    }
}

/// `EventSourceMappingConfiguration`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MappingView {
    #[serde(rename = "UUID")]
    id: String,
    batch_size: u32,
    maximum_batching_window_in_seconds: u32,
    event_source_arn: Arn,
    function_arn: Arn,
    last_modified: Seconds,
    state: &'static str,
    state_transition_reason: &'static str,
    function_response_types: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scaling_config: Option<Scaling>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter_criteria: Option<FilterCriteria>,
    event_source_mapping_arn: Arn,
}

/// A mapping as the API tells it, in `state` if it is on its way to another.
pub(crate) fn view_mapping(
    platform: &Platform,
    mapping: &Mapping,
    state: Option<&'static str>,
) -> MappingView {
    let resting = if mapping.enabled { "Enabled" } else { "Disabled" };
    let resource = format!("event-source-mapping:{}", mapping.id);
    MappingView {
        id: mapping.id.to_string(),
        batch_size: mapping.batch_size,
        maximum_batching_window_in_seconds: mapping.window_seconds,
        event_source_arn: mapping.source.clone(),
        function_arn: mapping.function.clone(),
        last_modified: Seconds(mapping.modified),
        state: state.unwrap_or(resting),
        state_transition_reason: "USER_INITIATED",
        function_response_types: match mapping.reports_item_failures {
            true => vec!["ReportBatchItemFailures"],
            false => Vec::new(),
        },
        scaling_config: mapping.max_concurrency.map(|n| Scaling { maximum_concurrency: Some(n) }),
        filter_criteria: FilterCriteria::of(&mapping.filters),
        event_source_mapping_arn: Arn::new(
            "lambda",
            &platform.region,
            &platform.account,
            &resource,
        ),
    }
}

/// Reads a mapping's id.
pub(crate) fn parse_id(text: &str) -> Result<RequestId, Error> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let bytes = hex::decode(digits).ok().and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
    let id = bytes.map(RequestId::from_random).filter(|id| id.to_string() == text);
    id.ok_or_else(not_found)
}

fn not_found() -> Error {
    Error::NotFound("The resource you requested does not exist.".to_owned())
}

/// The mapping of an id.
pub(crate) async fn find_mapping(
    platform: &Platform,
    tx: &mut Transaction,
    id: &str,
) -> Result<Mapping, Error> {
    let id = parse_id(id)?;
    let found = service::mapping::get(tx, &platform.account, &platform.region, &id).await?;
    found.ok_or_else(not_found)
}

/// The permission that one action on one mapping needs.
pub(crate) async fn mapping_permission(
    platform: &Platform,
    tx: &mut Transaction,
    id: &str,
    action: &'static str,
) -> Result<Vec<Permission>, Fault> {
    let resource = format!("event-source-mapping:{id}");
    let arn = Arn::new("lambda", &platform.region, &platform.account, &resource);
    let permission = Permission::new(action, arn.as_str());
    let found = find_mapping(platform, tx, id).await;
    Ok(vec![match found {
        Ok(mapping) => permission.with_condition("lambda:FunctionArn", mapping.function.as_str()),
        Err(Error::Store(error)) => return Err(error.into()),
        Err(_) => permission,
    }])
}

/// The size of a batch and how long to gather it, as the mapping's queue allows them.
pub(crate) fn check_batch(mapping: &Mapping) -> Result<(), Error> {
    let Mapping { source, batch_size, window_seconds, .. } = mapping;
    let (batch_size, window_seconds) = (*batch_size, *window_seconds);
    // Text: aws/aws-lambda-dotnet, pull request 1758.
    if source.resource().ends_with(".fifo") && window_seconds > 0 {
        let text = "Batching window is not supported for FIFO queues";
        return Err(Error::InvalidParameterValue(text.to_owned()));
    }
    if batch_size > config::BATCH_SIZE_WITHOUT_WINDOW && window_seconds == 0 {
        return Err(Error::InvalidParameterValue(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is \
             greater than 10"
                .to_owned(),
        ));
    }
    if !config::BATCH_SIZE.contains(&batch_size) {
        return Err(Error::InvalidParameterValue(format!("Invalid batch size: {batch_size}")));
    }
    Ok(())
}

/// What is known of a mapping's queue.
#[derive(Debug)]
pub(crate) struct QueueFacts {
    /// How long it hides messages, in seconds.
    pub(crate) visibility_seconds: u32,
}

impl QueueFacts {
    /// Messages must stay hidden for as long as an invocation may take.
    pub(crate) fn check(&self, function_timeout_seconds: u32) -> Result<(), Error> {
        if self.visibility_seconds < function_timeout_seconds {
            return Err(Error::InvalidParameterValue(format!(
                "Queue visibility timeout: {} seconds is less than Function timeout: \
                 {function_timeout_seconds} seconds",
                self.visibility_seconds
            )));
        }
        Ok(())
    }
}

/// The actions on a queue that a mapping needs, and their names in the official text.
const ACTIONS: [(&str, &str); 3] = [
    ("sqs:ReceiveMessage", "ReceiveMessage"),
    ("sqs:DeleteMessage", "DeleteMessage"),
    ("sqs:GetQueueAttributes", "GetQueueAttributes"),
];

/// The role must be allowed what a mapping does to its queue.
pub(crate) fn check_role(
    platform: &Platform,
    role: &Caller,
    queue: &Arn,
    now: Timestamp,
) -> Result<(), Error> {
    for (action, name) in ACTIONS {
        let permission = Permission::new(action, queue.as_str());
        if authorize(role, &permission, &platform.region, now).is_err() {
            return Err(Error::InvalidParameterValue(format!(
                "The provided execution role does not have permissions to call {name} on SQS"
            )));
        }
    }
    Ok(())
}

/// What the role sees of its queue.
pub(crate) async fn queue_of(
    platform: &Platform,
    role: &Caller,
    queue: &Arn,
) -> Result<QueueFacts, Fault> {
    let calls = platform.calls().ok_or_else(|| Fault::internal("no calls connected"))?;
    let url = format!("{}/{}/{}", platform.public_url, queue.account(), queue.resource());
    let input = json!({"QueueUrl": url, "AttributeNames": ["VisibilityTimeout"]});
    let answer = calls.call(role, "sqs", "GetQueueAttributes", input).await.map_err(|fault| {
        if fault.http_status() >= 500 {
            return fault;
        }
        Error::InvalidParameterValue(format!(
            "Error occurred while ReceiveMessage. SQS Error Code: {}. SQS Error Message: {}",
            fault.code(),
            fault.message()
        ))
        .into()
    })?;
    let seconds = answer["Attributes"]["VisibilityTimeout"].as_str().and_then(|t| t.parse().ok());
    seconds
        .map(|visibility_seconds| QueueFacts { visibility_seconds })
        .ok_or_else(|| Fault::internal("a queue without a visibility timeout"))
}
