//! `EventInvokeConfig`: what becomes of asynchronous invocations.

use super::super::build::{self, Build};
use super::super::{Context, Sam, policies};
use super::version::Published;
use crate::error::{Error, Result};
use crate::node::{Map, Node};

/// What the configuration adds.
#[derive(Default)]
pub(super) struct InvokeConfig {
    pub(super) resources: Map,
    /// Policies that let the role reach the destinations.
    pub(super) policies: Vec<Node>,
}

const TYPES: [&str; 5] = ["SQS", "SNS", "EventBridge", "Lambda", "S3Bucket"];
const MEMBERS: [&str; 3] =
    ["MaximumEventAgeInSeconds", "MaximumRetryAttempts", "DestinationConfig"];

pub(super) fn resources(
    context: &Context,
    sam: &Sam<'_>,
    published: Option<&Published>,
) -> Result<InvokeConfig> {
    let mut made = InvokeConfig::default();
    let Some(config) = sam.filled("EventInvokeConfig") else { return Ok(made) };
    let config = context.resolved(config);
    for (name, node) in config.as_map().into_iter().flatten() {
        if !MEMBERS.contains(&name.as_str()) {
            let what = format!("The member {name} of EventInvokeConfig (resource {})", sam.id);
            return Err(Error::refused(node.at, what));
        }
    }
    let id = format!("{}EventInvokeConfig", sam.id);
    let mut destinations = Map::new();
    if let Some(given) = config.get("DestinationConfig") {
        for event in ["OnSuccess", "OnFailure"] {
            if let Some(given) = given.get(event) {
                let arn = destination(sam, given, &format!("{id}{event}"), &mut made)?;
                destinations.insert(event.to_owned(), Node::map(given.at, [("Destination", arn)]));
            }
        }
    }
    let qualifier = published.map_or("$LATEST", |published| published.alias_name.as_str());
    let mut resource = Build::main(sam, "AWS::Lambda::EventInvokeConfig")
        .set("FunctionName", build::reference(sam.at, sam.id))
        .text("Qualifier", qualifier)
        .set("DestinationConfig", Node::map(config.at, destinations))
        .maybe("MaximumEventAgeInSeconds", config.get("MaximumEventAgeInSeconds"))
        .maybe("MaximumRetryAttempts", config.get("MaximumRetryAttempts"))
        .without_attribute("DependsOn");
    if let Some(published) = published {
        let alias = Node::text(sam.at, published.alias_id.clone());
        resource = resource.attribute("DependsOn", Node::list(sam.at, [alias]));
    }
    made.resources.insert(id, resource.finish());
    Ok(made)
}

/// The ARN of a destination; a queue or a topic is made if none is given.
fn destination(sam: &Sam<'_>, given: &Node, id: &str, made: &mut InvokeConfig) -> Result<Node> {
    let kind = given.get("Type").and_then(Node::as_str).unwrap_or_default();
    if !TYPES.contains(&kind) {
        let message = format!(
            "'Type: {kind}' must be one of ['SQS', 'SNS', 'EventBridge', 'Lambda', 'S3Bucket']"
        );
        return Err(sam.invalid(given.at, message));
    }
    let arn = match (given.get("Destination"), kind) {
        (Some(arn), _) => {
            refuse_optional(sam, arn)?;
            arn.clone()
        }
        (None, "SQS") => {
            let queue = format!("{id}Queue");
            made.resources.insert(queue.clone(), Build::new(sam, "AWS::SQS::Queue").finish());
            build::attribute(given.at, &queue, "Arn")
        }
        (None, "SNS") => {
            let topic = format!("{id}Topic");
            made.resources.insert(topic.clone(), Build::new(sam, "AWS::SNS::Topic").finish());
            build::reference(given.at, &topic)
        }
        _ => {
            let message = "Destination is required if Type is not ['SQS', 'SNS']";
            return Err(sam.invalid(given.at, message));
        }
    };
    made.policies.extend(policies::destination(kind, id, &arn));
    Ok(arn)
}

/// Refuses a destination that exists under a condition only.
fn refuse_optional(sam: &Sam<'_>, arn: &Node) -> Result<()> {
    match arn.intrinsic() {
        Some(("Fn::If", argument))
            if argument.as_list().unwrap_or_default().iter().any(Node::is_no_value) =>
        {
            let what = format!(
                "The member Destination of EventInvokeConfig with AWS::NoValue in Fn::If (resource {})",
                sam.id
            );
            Err(Error::refused(arn.at, what))
        }
        _ => Ok(()),
    }
}
