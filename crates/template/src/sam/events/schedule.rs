//! ScheduleV2 events: a schedule of EventBridge Scheduler with a role of its own.

use serde_json::json;

use super::super::build::{self, Build};
use super::super::{is_filled, policies};
use super::Event;
use crate::error::Result;
use crate::node::{Map, Node};

const COPIED: [&str; 6] =
    ["Description", "StartDate", "EndDate", "ScheduleExpressionTimezone", "GroupName", "KmsKeyArn"];
const OTHER: [&str; 10] = [
    "PermissionsBoundary",
    "ScheduleExpression",
    "FlexibleTimeWindow",
    "Name",
    "State",
    "Input",
    "RoleArn",
    "DeadLetterConfig",
    "RetryPolicy",
    "OmitName",
];

pub(super) fn transform(event: &Event<'_>) -> Result<Map> {
    event.only(&[&COPIED, &OTHER])?;
    let at = event.at;
    let mut made = Map::new();
    let mut schedule = Build::new(event.sam, "AWS::Scheduler::Schedule")
        .set("ScheduleExpression", event.required("ScheduleExpression")?.clone())
        .json("FlexibleTimeWindow", &json!({"Mode": "OFF"}))
        .maybe("FlexibleTimeWindow", event.get("FlexibleTimeWindow").filter(|node| is_filled(node)))
        .maybe("State", event.get("State").filter(|node| is_filled(node)))
        .copy(&event.properties, &COPIED);
    if let Some(name) = name(event)? {
        schedule = schedule.set("Name", name);
    }
    let dead_letter = event.dead_letter()?;
    if let Some((_, Some(queue))) = &dead_letter {
        made.insert(queue.clone(), Build::new(event.sam, "AWS::SQS::Queue").finish());
    }
    let queue_arn = dead_letter.map(|(arn, _)| arn);
    let role = match event.get("RoleArn").filter(|node| is_filled(node)) {
        Some(role) => role.clone(),
        None => {
            let id = format!("{}Role", event.id);
            made.insert(id.clone(), role(event, queue_arn.as_ref()));
            build::attribute(at, &id, "Arn")
        }
    };
    let mut target = Map::new();
    target.insert("Arn".to_owned(), event.target.arn(at));
    target.insert("RoleArn".to_owned(), role);
    for name in ["Input", "RetryPolicy"] {
        target.extend(event.get(name).map(|node| (name.to_owned(), node.clone())));
    }
    if let Some(arn) = queue_arn {
        target.insert("DeadLetterConfig".to_owned(), Node::map(at, [("Arn", arn)]));
    }
    made.insert(event.id.clone(), schedule.set("Target", Node::map(at, target)).finish());
    Ok(made)
}

fn name(event: &Event<'_>) -> Result<Option<Node>> {
    let name = event.get("Name").filter(|node| is_filled(node));
    let omitted = event.get("OmitName").and_then(Node::as_bool) == Some(true);
    match (name, omitted) {
        (Some(name), true) => {
            Err(event.invalid(name.at, "Name cannot be set when OmitName is True"))
        }
        (None, true) => Ok(None),
        (Some(name), false) => Ok(Some(name.clone())),
        (None, false) => Ok(Some(Node::text(event.at, event.id.clone()))),
    }
}

/// The role with which the scheduler invokes the function.
fn role(event: &Event<'_>, queue_arn: Option<&Node>) -> Node {
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Action": ["sts:AssumeRole"],
            "Effect": "Allow",
            "Principal": {"Service": ["scheduler.amazonaws.com"]},
        }],
    });
    let invoke = policies::destination("Lambda", &event.id, &event.target.arn(event.at));
    let send = queue_arn.and_then(|arn| policies::destination("SQS", &event.id, arn));
    Build::new(event.sam, "AWS::IAM::Role")
        .json("AssumeRolePolicyDocument", &trust)
        .set("Policies", Node::list(event.at, invoke.into_iter().chain(send)))
        .maybe("PermissionsBoundary", event.get("PermissionsBoundary"))
        .finish()
}
