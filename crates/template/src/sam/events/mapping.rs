//! SQS, DynamoDB and Kinesis events: event source mappings.

use serde_json::json;

use super::super::build::Build;
use super::super::policies::{self, RolePolicies};
use super::super::{Context, is_filled};
use super::Event;
use crate::error::Result;
use crate::node::{Map, Node};

const COPIED: [&str; 17] = [
    "BatchSize",
    "StartingPosition",
    "StartingPositionTimestamp",
    "Enabled",
    "MaximumBatchingWindowInSeconds",
    "MaximumRetryAttempts",
    "BisectBatchOnFunctionError",
    "MaximumRecordAgeInSeconds",
    "ParallelizationFactor",
    "TumblingWindowInSeconds",
    "FunctionResponseTypes",
    "FilterCriteria",
    "KmsKeyArn",
    "ScalingConfig",
    "ProvisionedPollerConfig",
    "MetricsConfig",
    "LoggingConfig",
];

pub(super) fn transform(
    context: &Context,
    event: &Event<'_>,
    role: &mut RolePolicies,
) -> Result<Map> {
    let source = if event.kind == "SQS" { "Queue" } else { "Stream" };
    event.only(&[&COPIED, &[source, "DestinationConfig"]])?;
    let arn = event.required(source)?;
    if event.kind != "SQS" {
        event.required("StartingPosition")?;
    }
    check_filters(event)?;
    let mut mapping = Build::new(event.sam, "AWS::Lambda::EventSourceMapping")
        .set("FunctionName", event.target.name(event.at))
        .set("EventSourceArn", arn.clone())
        .copy(&event.properties, &COPIED);
    role.add_managed(execution_policy(context, event));
    if let Some((destination, policy)) = destination(event)? {
        mapping = mapping.set("DestinationConfig", destination);
        policy.into_iter().for_each(|policy| role.add_inline(policy));
    }
    Ok(Map::from_iter([(event.id.clone(), mapping.finish())]))
}

/// The mapping from a queue that was made for another event.
pub(super) fn of_queue(
    context: &Context,
    event: &Event<'_>,
    role: &mut RolePolicies,
    queue_arn: &Node,
    batch_size: Option<&Node>,
) -> (String, Node) {
    let name = "service-role/AWSLambdaSQSQueueExecutionRole";
    role.add_managed(managed(context, event, name));
    let mapping = Build::new(event.sam, "AWS::Lambda::EventSourceMapping")
        .set("FunctionName", event.target.name(event.at))
        .set("EventSourceArn", queue_arn.clone())
        .json("BatchSize", &json!(10))
        .maybe("BatchSize", batch_size)
        .json("Enabled", &json!(true));
    (format!("{}EventSourceMapping", event.id), mapping.finish())
}

fn execution_policy(context: &Context, event: &Event<'_>) -> Node {
    let name = match event.kind {
        "SQS" => "service-role/AWSLambdaSQSQueueExecutionRole",
        "DynamoDB" => "service-role/AWSLambdaDynamoDBExecutionRole",
        _ => "service-role/AWSLambdaKinesisExecutionRole",
    };
    managed(context, event, name)
}

fn managed(context: &Context, event: &Event<'_>, name: &str) -> Node {
    Node::text(event.at, format!("arn:{}:iam::aws:policy/{name}", context.partition))
}

fn check_filters(event: &Event<'_>) -> Result<()> {
    let Some(criteria) = event.get("FilterCriteria") else { return Ok(()) };
    let map = criteria.as_map().filter(|map| map.keys().all(|key| key == "Filters"));
    if criteria.intrinsic().is_some() || map.is_some() {
        return Ok(());
    }
    Err(event.invalid(criteria.at, "FilterCriteria field has a wrong format"))
}

/// `DestinationConfig` without the type that only SAM reads, and the policy that the type asks for.
fn destination(event: &Event<'_>) -> Result<Option<(Node, Option<Node>)>> {
    let Some(config) = event.get("DestinationConfig").filter(|config| is_filled(config)) else {
        return Ok(None);
    };
    let mut config = config.clone();
    let at = config.at;
    let failure = config.as_map_mut().and_then(|map| map.get_mut("OnFailure"));
    let failure = failure.and_then(Node::as_map_mut).ok_or_else(|| {
        event.invalid(at, "Property 'DestinationConfig.OnFailure' should be a map.")
    })?;
    let Some(kind) = failure.shift_remove("Type") else { return Ok(Some((config, None))) };
    let arn = failure.get("Destination").cloned();
    let policy = match (kind.as_str(), arn) {
        (Some(name @ ("SQS" | "SNS" | "S3")), Some(arn)) => {
            policies::destination(name, &event.id, &arn)
        }
        (Some("SQS" | "SNS" | "S3"), None) => {
            let message = "DestinationConfig.OnFailure requires the property Destination.";
            return Err(event.invalid(kind.at, message));
        }
        _ => {
            let message = "The only valid values for 'Type' are 'SQS', 'SNS', 'S3', and 'Kafka'";
            return Err(event.invalid(kind.at, message));
        }
    };
    Ok(Some((config, policy)))
}
