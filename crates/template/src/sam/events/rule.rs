//! Schedule, EventBridgeRule and CloudWatchEvent events: a rule with the function as its target.

use super::super::build::{self, Build};
use super::{Event, queue_policy};
use crate::error::Result;
use crate::node::{Map, Node};

/// The longest id of a rule's target, in characters.
const TARGET_ID_MAX: usize = 64;
const TARGET_SUFFIX: &str = "LambdaTarget";

pub(super) fn schedule(event: &Event<'_>) -> Result<Map> {
    event.only(&[&[
        "Schedule",
        "Input",
        "Enabled",
        "State",
        "Name",
        "Description",
        "DeadLetterConfig",
        "RetryPolicy",
    ]])?;
    let rule = Build::new(event.sam, "AWS::Events::Rule")
        .set("ScheduleExpression", event.required("Schedule")?.clone())
        .copy(&event.properties, &["Name", "Description"]);
    finish(event, rule, &["Input", "RetryPolicy"])
}

pub(super) fn pattern(event: &Event<'_>) -> Result<Map> {
    event.only(&[&[
        "EventBusName",
        "RuleName",
        "Pattern",
        "DeadLetterConfig",
        "RetryPolicy",
        "Input",
        "InputPath",
        "Target",
        "Enabled",
        "State",
        "InputTransformer",
    ]])?;
    let rule = Build::new(event.sam, "AWS::Events::Rule")
        .maybe("EventBusName", event.get("EventBusName"))
        .maybe("EventPattern", event.get("Pattern"))
        .maybe("Name", event.get("RuleName"));
    finish(event, rule, &["Input", "InputPath", "RetryPolicy", "InputTransformer"])
}

/// Adds state and target, and makes the permission and the dead-letter queue.
fn finish(event: &Event<'_>, mut rule: Build, in_target: &[&str]) -> Result<Map> {
    let at = event.at;
    let mut made = Map::new();
    let rule_arn = build::attribute(at, &event.id, "Arn");
    if let Some(state) = event.state()? {
        rule = rule.set("State", state);
    }
    let mut target = Map::new();
    target.insert("Arn".to_owned(), event.target.arn(at));
    target.insert("Id".to_owned(), target_id(event)?);
    for name in in_target {
        target.extend(event.get(name).map(|node| ((*name).to_owned(), node.clone())));
    }
    if let Some((arn, queue)) = event.dead_letter()? {
        target.insert("DeadLetterConfig".to_owned(), Node::map(at, [("Arn", arn.clone())]));
        if let Some(queue) = queue {
            made.insert(queue.clone(), Build::new(event.sam, "AWS::SQS::Queue").finish());
            let principal = Node::map(at, [("Service", Node::text(at, "events.amazonaws.com"))]);
            let policy = queue_policy(event, &queue, principal, arn, rule_arn.clone());
            made.insert(format!("{}QueuePolicy", event.id), policy);
        }
    }
    let rule = rule.set("Targets", Node::list(at, [Node::map(at, target)]));
    made.insert(event.id.clone(), rule.finish());
    let (id, permission) = event.permission("events.amazonaws.com");
    made.insert(id, permission.set("SourceArn", rule_arn).finish());
    Ok(made)
}

fn target_id(event: &Event<'_>) -> Result<Node> {
    let own = event.get("Target").and_then(|target| target.get("Id"));
    for (name, node) in event.get("Target").and_then(Node::as_map).into_iter().flatten() {
        if name != "Id" {
            return Err(event.refused(node.at, &format!("The member {name} of Target")));
        }
    }
    Ok(own.cloned().unwrap_or_else(|| {
        let room = TARGET_ID_MAX - TARGET_SUFFIX.len();
        let start: String = event.id.chars().take(room).collect();
        Node::text(event.at, format!("{start}{TARGET_SUFFIX}"))
    }))
}
