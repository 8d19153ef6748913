//! The official clients, as their users use them.

use anyhow::Result;
use e2e::Node;

fn with_node(test: impl FnOnce(&Node) -> Result<()>) -> Result<()> {
    let data = tempfile::tempdir()?;
    test(&Node::start(data.path())?)
}

#[test]
fn boto3_uses_queues() -> Result<()> {
    with_node(|node| node.python("queues.py").map(drop))
}

#[test]
fn boto3_uses_tables() -> Result<()> {
    with_node(|node| node.python("tables.py").map(drop))
}

#[test]
fn boto3_makes_roles_and_is_held_to_their_policies() -> Result<()> {
    with_node(|node| node.python("identities.py").map(drop))
}

#[test]
fn browsers_use_buckets_with_what_boto3_signs() -> Result<()> {
    with_node(|node| node.python("browsers.py").map(drop))
}

#[test]
fn the_javascript_sdk_uses_queues_and_tables() -> Result<()> {
    with_node(|node| node.javascript("queues_and_tables.mjs").map(drop))
}

#[test]
fn the_aws_cli_uses_queues_in_json() -> Result<()> {
    with_node(|node| {
        let url = node.aws(&["sqs", "create-queue", "--queue-name", "cli"])?["QueueUrl"].clone();
        let url = url.as_str().unwrap_or_default();
        node.aws(&["sqs", "send-message", "--queue-url", url, "--message-body", "hello"])?;
        let received = node.aws(&["sqs", "receive-message", "--queue-url", url])?;
        assert_eq!(received["Messages"][0]["Body"], "hello");
        Ok(())
    })
}
