//! CloudWatchLogs events: a subscription filter.

use super::super::Context;
use super::super::build::Build;
use super::Event;
use crate::error::Result;
use crate::node::{Map, Node};

pub(super) fn transform(context: &Context, event: &Event<'_>) -> Result<Map> {
    event.only(&[&["LogGroupName", "FilterPattern"]])?;
    let at = event.at;
    let group = event.required("LogGroupName")?;
    let pattern = event.required("FilterPattern")?;
    let arn = format!(
        "arn:{}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:${{__LogGroupName__}}:*",
        context.partition
    );
    let variables = Node::map(at, [("__LogGroupName__", group.clone())]);
    let source = Node::map(at, [("Fn::Sub", Node::list(at, [Node::text(at, arn), variables]))]);
    let (id, permission) = event.permission("logs.amazonaws.com");
    let filter = Build::new(event.sam, "AWS::Logs::SubscriptionFilter")
        .attribute("DependsOn", Node::list(at, [Node::text(at, id.clone())]))
        .set("LogGroupName", group.clone())
        .set("FilterPattern", pattern.clone())
        .set("DestinationArn", event.target.arn(at));
    Ok(Map::from_iter([
        (id, permission.set("SourceArn", source).finish()),
        (event.id.clone(), filter.finish()),
    ]))
}
