//! SNS events: a subscription, directly or through a queue.

use serde_json::json;

use super::super::build::{self, Build};
use super::super::policies::RolePolicies;
use super::super::{Context, is_filled};
use super::{Event, mapping, queue_policy_for};
use crate::error::Result;
use crate::node::{Map, Node};

const COPIED: [&str; 4] = ["Region", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy"];

pub(super) fn transform(
    context: &Context,
    event: &Event<'_>,
    role: &mut RolePolicies,
) -> Result<Map> {
    event.only(&[&COPIED, &["Topic", "SqsSubscription"]])?;
    let topic = event.required("Topic")?;
    let Some(through) = event.get("SqsSubscription").filter(|node| is_filled(node)) else {
        let (id, permission) = event.permission("sns.amazonaws.com");
        let subscription = subscription(event, "lambda", event.target.arn(event.at), topic);
        return Ok(Map::from_iter([
            (id, permission.set("SourceArn", topic.clone()).finish()),
            (event.id.clone(), subscription),
        ]));
    };
    let mut made = Map::new();
    let at = event.at;
    let (arn, url, policy, batch_size) = if through.as_bool() == Some(true) {
        let id = format!("{}Queue", event.id);
        let mut queue = Build::new(event.sam, "AWS::SQS::Queue");
        if is_fifo(context, topic) {
            queue = queue.json("FifoQueue", &json!(true));
        }
        made.insert(id.clone(), queue.finish());
        let arn = build::attribute(at, &id, "Arn");
        (arn, build::reference(at, &id), None, None)
    } else {
        let (arn, url) = existing_queue(event, through)?;
        let policy = through.get("QueuePolicyLogicalId").and_then(Node::as_str);
        (arn, url, policy.map(str::to_owned), through.get("BatchSize"))
    };
    let (id, mapping) = mapping::of_queue(context, event, role, &arn, batch_size);
    made.insert(id, mapping);
    let everyone = Node::text(at, "*");
    made.insert(
        policy.unwrap_or_else(|| format!("{}QueuePolicy", event.id)),
        queue_policy_for(event, url, everyone, arn.clone(), topic.clone()),
    );
    made.insert(event.id.clone(), subscription(event, "sqs", arn, topic));
    Ok(made)
}

fn subscription(event: &Event<'_>, protocol: &str, endpoint: Node, topic: &Node) -> Node {
    Build::new(event.sam, "AWS::SNS::Subscription")
        .text("Protocol", protocol)
        .set("Endpoint", endpoint)
        .set("TopicArn", topic.clone())
        .copy(&event.properties, &COPIED)
        .finish()
}

/// The ARN and the URL of a queue that exists.
fn existing_queue(event: &Event<'_>, through: &Node) -> Result<(Node, Node)> {
    const MEMBERS: [&str; 5] =
        ["QueueArn", "QueueUrl", "QueuePolicyLogicalId", "BatchSize", "Enabled"];
    for (name, node) in through.as_map().into_iter().flatten() {
        // SAM takes the member `Enabled` and enables the mapping whatever it says.
        let ignored = name == "Enabled" && node.as_bool() != Some(true);
        if ignored || !MEMBERS.contains(&name.as_str()) {
            return Err(event.refused(node.at, &format!("The member {name} of SqsSubscription")));
        }
    }
    match (through.get("QueueArn"), through.get("QueueUrl")) {
        (Some(arn), Some(url)) => Ok((arn.clone(), url.clone())),
        _ => Err(event.invalid(through.at, "No QueueARN or QueueURL provided.")),
    }
}

/// Whether the topic is a FIFO topic of the same template.
fn is_fifo(context: &Context, topic: &Node) -> bool {
    let id = match topic.intrinsic() {
        Some(("Ref", id)) => id.as_str(),
        Some(("Fn::GetAtt", argument)) => {
            argument.as_list().and_then(|items| items.first()).and_then(Node::as_str)
        }
        _ => None,
    };
    let topic = id.and_then(|id| context.resources.get(id));
    let fifo = topic.and_then(|topic| topic.at_path(&["Properties", "FifoTopic"]));
    fifo.is_some_and(|fifo| match context.resolved(fifo).scalar_text() {
        Some(text) => text.eq_ignore_ascii_case("true"),
        None => false,
    })
}
