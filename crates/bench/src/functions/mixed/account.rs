//! What became of everything that was acknowledged.

use anyhow::{Context, Result};
use client::Client;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use super::setup::{App, SEEN};
use crate::functions::figures::Counted;

/// How long the last ones may take: a retry a minute after a failure, and a group that waits for
/// what always fails.
const DRAIN: Duration = Duration::from_secs(15 * 60);
const LOOK: Duration = Duration::from_secs(1);
/// How often in a row nothing may be waiting.
const QUIET: u32 = 3;

/// Where events were found.
#[derive(Default)]
pub(super) struct Found {
    /// By a function.
    pub(super) seen: BTreeSet<String>,
    /// In dead-letter queues and in the destination.
    pub(super) ended: BTreeSet<String>,
    /// Group, the number before, the number after.
    pub(super) gaps: Vec<(String, u64, u64)>,
}

/// Waits until nothing waits any more; what still does, if that takes too long.
pub(super) async fn drain(client: &Client, app: &App) -> Result<Option<String>> {
    let (began, mut quiet) = (Instant::now(), 0);
    loop {
        let waiting = waiting(client, app).await?;
        quiet = if waiting.is_none() { quiet + 1 } else { 0 };
        if quiet == QUIET {
            return Ok(None);
        }
        if began.elapsed() > DRAIN {
            return Ok(waiting);
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn waiting(client: &Client, app: &App) -> Result<Option<String>> {
    for queue in &app.queues {
        let input = json!({"QueueUrl": queue, "AttributeNames": ["All"]});
        let reply = client.json("sqs", "AmazonSQS.GetQueueAttributes", &input).await?;
        let attributes = reply["Attributes"].as_object().context("a queue without attributes")?;
        let waiting = attributes.iter().find(|(name, count)| {
            name.starts_with("ApproximateNumberOf") && count.as_str() != Some("0")
        });
        if let Some((name, count)) = waiting {
            return Ok(Some(format!("{queue}: {name} is {count}")));
        }
    }
    let events = Counted::read(client).await?.value("pileus_async_events", &[]);
    Ok((events > 0.0).then(|| format!("{events} asynchronous events")))
}

/// Reads the table and empties the queues at the end.
pub(super) async fn find(client: &Client, app: &App) -> Result<Found> {
    let mut found = Found::default();
    let mut input = json!({"TableName": SEEN, "ConsistentRead": true});
    loop {
        let page = client.json("dynamodb", "DynamoDB_20120810.Scan", &input).await?;
        for item in page["Items"].as_array().context("a scan without items")? {
            let id = item["id"]["S"].as_str().context("an item without an id")?;
            match id.strip_prefix("gap ") {
                Some(gap) => found.gaps.push(parse(gap).context("a gap without numbers")?),
                None => drop(found.seen.insert(id.to_owned())),
            }
        }
        match &page["LastEvaluatedKey"] {
            Value::Null => break,
            last => input["ExclusiveStartKey"] = last.clone(),
        }
    }
    for queue in &app.ends {
        empty(client, queue, &mut found.ended).await?;
    }
    Ok(found)
}

/// `group before after`. Before the first one is -1.
fn parse(gap: &str) -> Option<(String, u64, u64)> {
    let mut words = gap.split(' ');
    let (group, before, after) = (words.next()?, words.next()?, words.next()?);
    let first = before.parse::<i64>().ok()? + 1;
    Some((group.to_owned(), u64::try_from(first).ok()?, after.parse().ok()?))
}

async fn empty(client: &Client, queue: &str, ended: &mut BTreeSet<String>) -> Result<()> {
    let input = json!({"QueueUrl": queue, "MaxNumberOfMessages": 10});
    loop {
        let reply = client.json("sqs", "AmazonSQS.ReceiveMessage", &input).await?;
        let messages = reply["Messages"].as_array().cloned().unwrap_or_default();
        if messages.is_empty() {
            return Ok(());
        }
        for message in messages {
            let body = message["Body"].as_str().context("a message without a body")?;
            let body: Value = serde_json::from_str(body)?;
            // What a destination gets has the event in it.
            let event =
                if body["requestPayload"].is_object() { &body["requestPayload"] } else { &body };
            let id = event["id"].as_str().with_context(|| format!("no event: {body}"))?;
            ended.insert(id.to_owned());
            let input = json!({"QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"]});
            client.json("sqs", "AmazonSQS.DeleteMessage", &input).await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_names_what_is_missing() {
        assert_eq!(parse("3 -1 2"), Some(("3".to_owned(), 0, 2)));
        assert_eq!(parse("3 5 7"), Some(("3".to_owned(), 6, 7)));
        assert_eq!(parse("3 5"), None);
    }
}
