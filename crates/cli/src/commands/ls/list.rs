//! The lists, through the APIs that SDKs use.

use super::Listing;
use crate::{error::Error, stacks as api};
use client::{Client, Rest, segment};
use http::Method;
use serde_json::{Map, Value, json};

/// The most pages of a list that are read.
const MAX_PAGES: usize = 1000;

pub(super) async fn stacks(client: &Client) -> Result<Listing, Error> {
    let stacks = api::list(client).await?;
    let items = stacks.into_iter().map(|stack| {
        let outputs: Map<String, Value> =
            stack.outputs.into_iter().map(|output| (output.key, output.value.into())).collect();
        json!({"StackName": stack.name, "StackStatus": stack.status, "StackId": stack.id,
            "CreationTime": stack.created, "LastUpdatedTime": stack.updated, "Outputs": outputs})
    });
    let columns = &[("NAME", "StackName"), ("STATUS", "StackStatus"), ("CREATED", "CreationTime")];
    Ok(Listing { items: items.collect(), columns })
}

pub(super) async fn functions(client: &Client) -> Result<Listing, Error> {
    let mut items = Vec::new();
    let mut marker: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let query = marker.map(|marker| format!("?Marker={}", segment(&marker)));
        let path = format!("/2015-03-31/functions{}", query.unwrap_or_default());
        let call = Rest { method: Method::GET, path: &path, ..Rest::default() };
        let mut page = body(&client.rest("lambda", call).await?.body)?;
        take(&mut page["Functions"], &mut items);
        marker = page["NextMarker"].as_str().map(str::to_owned);
        if marker.is_none() {
            break;
        }
    }
    let columns = &[
        ("NAME", "FunctionName"),
        ("RUNTIME", "Runtime"),
        ("MEMORY MB", "MemorySize"),
        ("TIMEOUT S", "Timeout"),
        ("MODIFIED", "LastModified"),
    ];
    Ok(Listing { items, columns })
}

pub(super) async fn queues(client: &Client) -> Result<Listing, Error> {
    let limit = json!({"MaxResults": 1000});
    let urls =
        pages(client, "sqs", "AmazonSQS.ListQueues", limit, "QueueUrls", "NextToken").await?;
    let mut items = Vec::new();
    for url in urls {
        let input = json!({"QueueUrl": url, "AttributeNames": ["All"]});
        let reply = client.json("sqs", "AmazonSQS.GetQueueAttributes", &input).await?;
        let mut item = reply["Attributes"].as_object().cloned().unwrap_or_default();
        let name = url.as_str().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
        item.insert("QueueName".to_owned(), name.into());
        item.insert("QueueUrl".to_owned(), url);
        items.push(item.into());
    }
    let columns = &[
        ("NAME", "QueueName"),
        ("READY", "ApproximateNumberOfMessages"),
        ("IN FLIGHT", "ApproximateNumberOfMessagesNotVisible"),
        ("DELAYED", "ApproximateNumberOfMessagesDelayed"),
    ];
    Ok(Listing { items, columns })
}

pub(super) async fn tables(client: &Client) -> Result<Listing, Error> {
    let target = "DynamoDB_20120810.ListTables";
    let (from, to) = ("LastEvaluatedTableName", "ExclusiveStartTableName");
    let mut items = Vec::new();
    let mut input = json!({});
    for _ in 0..MAX_PAGES {
        let page = client.json("dynamodb", target, &input).await?;
        for name in page["TableNames"].as_array().into_iter().flatten() {
            let input = json!({"TableName": name});
            let mut reply =
                client.json("dynamodb", "DynamoDB_20120810.DescribeTable", &input).await?;
            items.push(reply["Table"].take());
        }
        if page[from].is_null() {
            break;
        }
        input[to] = page[from].clone();
    }
    let columns = &[
        ("NAME", "TableName"),
        ("STATUS", "TableStatus"),
        ("ITEMS", "ItemCount"),
        ("BYTES", "TableSizeBytes"),
    ];
    Ok(Listing { items, columns })
}

pub(super) async fn logs(client: &Client) -> Result<Listing, Error> {
    let target = "Logs_20140328.DescribeLogGroups";
    let items = pages(client, "logs", target, json!({}), "logGroups", "nextToken").await?;
    let columns = &[
        ("NAME", "logGroupName"),
        ("BYTES", "storedBytes"),
        ("RETENTION DAYS", "retentionInDays"),
    ];
    Ok(Listing { items, columns })
}

/// Jobs are Pileus's own: AWS has no name for them.
pub(super) async fn jobs(client: &Client) -> Result<Listing, Error> {
    let call = Rest { method: Method::GET, path: "/_pileus/jobs", ..Rest::default() };
    let mut page = body(&client.rest("lambda", call).await?.body)?;
    let mut items = Vec::new();
    take(&mut page["Jobs"], &mut items);
    let columns =
        &[("KIND", "Kind"), ("DUE", "Due"), ("ATTEMPTS", "Attempts"), ("CREATED", "Created")];
    Ok(Listing { items, columns })
}

/// All members of a list whose token has the same name in input and output.
async fn pages(
    client: &Client,
    service: &str,
    target: &str,
    mut input: Value,
    member: &str,
    token: &str,
) -> Result<Vec<Value>, Error> {
    let mut items = Vec::new();
    for _ in 0..MAX_PAGES {
        let mut page = client.json(service, target, &input).await?;
        take(&mut page[member], &mut items);
        if page[token].is_null() {
            break;
        }
        input[token] = page[token].take();
    }
    Ok(items)
}

fn take(list: &mut Value, into: &mut Vec<Value>) {
    if let Value::Array(list) = list.take() {
        into.extend(list);
    }
}

fn body(bytes: &[u8]) -> Result<Value, Error> {
    serde_json::from_slice(bytes).map_err(|error| client::Error::Reply(error.to_string()).into())
}
