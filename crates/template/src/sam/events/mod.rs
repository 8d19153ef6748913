//! The `Events` of a function. One family per file; an event type without a file is refused by name.

mod logs;
mod mapping;
mod rule;
mod s3;
mod schedule;
mod sns;

use super::build::Build;
use super::function::Target;
use super::policies::RolePolicies;
use super::{Context, Sam, invalid_event, is_filled};
use crate::error::{Error, Position, Result};
use crate::node::{Map, Node};

/// One event of a function.
struct Event<'e> {
    sam: &'e Sam<'e>,
    target: &'e Target,
    /// The name in the `Events` property.
    name: &'e str,
    /// The function's logical id and the event's name: the start of every generated id.
    id: String,
    kind: &'e str,
    properties: Map,
    at: Position,
}

/// The resources for all events. Policies that they need are added to the role.
pub(super) fn transform(
    context: &mut Context,
    sam: &Sam<'_>,
    target: &Target,
    policies: &mut RolePolicies,
) -> Result<Map> {
    let mut made = Map::new();
    let mut events: Vec<_> = sam.map("Events")?.into_iter().flatten().collect();
    // The order decides the order of the policies. SAM sorts by path, else by name.
    events.sort_by_key(|(name, node)| {
        let path = node.at_path(&["Properties", "Path"]).and_then(Node::as_str);
        path.unwrap_or(name).to_owned()
    });
    for (name, node) in events {
        let event = Event::read(sam, target, name, node);
        match event.and_then(|event| event.resources(context, policies)) {
            Ok(resources) => made.extend(resources),
            Err(problem) => context.problems.push(problem),
        }
    }
    Ok(made)
}

impl<'e> Event<'e> {
    fn read(sam: &'e Sam<'e>, target: &'e Target, name: &'e str, node: &'e Node) -> Result<Self> {
        let kind = node.get("Type").and_then(Node::as_str).ok_or_else(|| {
            let message = "Resource dict has missing or invalid value for key Type.";
            invalid_event(sam.id, name, node.at, message)
        })?;
        let properties = match node.get("Properties") {
            None => Map::new(),
            Some(found) => found.as_map().cloned().ok_or_else(|| {
                invalid_event(sam.id, name, found.at, "Properties of a resource must be an object.")
            })?,
        };
        let properties = super::without_nulls(properties);
        let id = format!("{}{name}", sam.id);
        Ok(Self { sam, target, name, id, kind, properties, at: node.at })
    }

    fn resources(&self, context: &mut Context, policies: &mut RolePolicies) -> Result<Map> {
        match self.kind {
            "SQS" | "DynamoDB" | "Kinesis" => mapping::transform(context, self, policies),
            "SNS" => sns::transform(context, self, policies),
            "S3" => s3::transform(context, self),
            "Schedule" => rule::schedule(self),
            "EventBridgeRule" | "CloudWatchEvent" => rule::pattern(self),
            "ScheduleV2" => schedule::transform(self),
            "CloudWatchLogs" => logs::transform(context, self),
            kind => {
                let Self { sam, name, .. } = self;
                let what = format!("The event type {kind} (resource {}, event {name})", sam.id);
                Err(Error::refused(self.at, what))
            }
        }
    }

    fn invalid(&self, at: Position, message: impl std::fmt::Display) -> Error {
        invalid_event(self.sam.id, self.name, at, message)
    }

    fn refused(&self, at: Position, what: &str) -> Error {
        let Self { sam, name, kind, .. } = self;
        Error::refused(at, format!("{what} of {kind} events (resource {}, event {name})", sam.id))
    }

    /// Refuses properties that are not transformed.
    fn only(&self, known: &[&[&str]]) -> Result<()> {
        for (name, node) in &self.properties {
            if !known.iter().any(|names| names.contains(&name.as_str())) {
                return Err(self.refused(node.at, &format!("The property {name}")));
            }
        }
        Ok(())
    }

    fn get(&self, name: &str) -> Option<&Node> {
        self.properties.get(name)
    }

    fn required(&self, name: &str) -> Result<&Node> {
        self.get(name)
            .ok_or_else(|| self.invalid(self.at, format!("Missing required property '{name}'.")))
    }

    /// The permission for a service to invoke the function, and its logical id.
    fn permission(&self, principal: &str) -> (String, Build) {
        let permission = Build::new(self.sam, "AWS::Lambda::Permission")
            .text("Action", "lambda:InvokeFunction")
            .set("FunctionName", self.target.name(self.at))
            .text("Principal", principal);
        (format!("{}Permission", self.id), permission)
    }

    /// `State`, or `Enabled` in its words.
    fn state(&self) -> Result<Option<Node>> {
        let state = self.get("State").filter(|node| is_filled(node));
        let Some(enabled) = self.get("Enabled") else { return Ok(state.cloned()) };
        if state.is_some() {
            let message = "State and Enabled Properties cannot both be specified.";
            return Err(self.invalid(enabled.at, message));
        }
        match enabled.as_bool() {
            Some(true) => Ok(Some(Node::text(enabled.at, "ENABLED"))),
            Some(false) => Ok(Some(Node::text(enabled.at, "DISABLED"))),
            None => Err(self.refused(enabled.at, "A value of Enabled that is not true or false")),
        }
    }

    /// The queue of `DeadLetterConfig`: its ARN, and its logical id if it has to be made.
    fn dead_letter(&self) -> Result<Option<(Node, Option<String>)>> {
        let Some(config) = self.get("DeadLetterConfig") else { return Ok(None) };
        let at = config.at;
        match (config.get("Arn"), config.get("Type")) {
            (Some(_), Some(_)) => {
                let message = "You can either define 'Arn' or 'Type' property of DeadLetterConfig.";
                Err(self.invalid(at, message))
            }
            (Some(arn), None) => Ok(Some((arn.clone(), None))),
            (None, Some(kind)) if kind.as_str() == Some("SQS") => {
                let id = match config.get("QueueLogicalId") {
                    None => format!("{}Queue", self.id),
                    Some(id) => id
                        .as_str()
                        .ok_or_else(|| self.invalid(id.at, "QueueLogicalId must be a string"))?
                        .to_owned(),
                };
                Ok(Some((super::build::attribute(at, &id, "Arn"), Some(id))))
            }
            (None, Some(_)) => {
                let message =
                    "The only valid value for 'Type' property of DeadLetterConfig is 'SQS'.";
                Err(self.invalid(at, message))
            }
            (None, None) => {
                let message = "No 'Arn' or 'Type' property provided for DeadLetterConfig.";
                Err(self.invalid(at, message))
            }
        }
    }
}

/// The policy of a queue that lets a source send to it.
fn queue_policy(
    event: &Event<'_>,
    queue: &str,
    principal: Node,
    queue_arn: Node,
    source: Node,
) -> Node {
    queue_policy_for(event, super::build::reference(event.at, queue), principal, queue_arn, source)
}

fn queue_policy_for(
    event: &Event<'_>,
    queue_url: Node,
    principal: Node,
    queue_arn: Node,
    source: Node,
) -> Node {
    let at = event.at;
    let text = |text: &str| Node::text(at, text);
    let condition = Node::map(at, [("ArnEquals", Node::map(at, [("aws:SourceArn", source)]))]);
    let statement = Node::map(
        at,
        [
            ("Action", text("sqs:SendMessage")),
            ("Effect", text("Allow")),
            ("Principal", principal),
            ("Resource", queue_arn),
            ("Condition", condition),
        ],
    );
    let document = Node::map(
        at,
        [("Version", text("2012-10-17")), ("Statement", Node::list(at, [statement]))],
    );
    Build::new(event.sam, "AWS::SQS::QueuePolicy")
        .set("PolicyDocument", document)
        .set("Queues", Node::list(at, [queue_url]))
        .finish()
}
