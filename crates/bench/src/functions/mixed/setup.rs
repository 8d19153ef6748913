//! The application that is under load.

use anyhow::{Context, Result, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use client::{Client, Rest};
use http::Method;
use serde_json::{Value, json};

use crate::functions::{
    deploy::{Deployer, FUNCTIONS},
    program::MEMORY_MIB,
    subject::{Subject, archive},
};

const CODE: &str = include_str!("code.py");
/// The table of what was seen.
pub(super) const SEEN: &str = "seen";
/// Called with events, through the API and through its URL.
pub(super) const EVENTS: &str = "events";
const BATCHES: [&str; 2] = ["standard", "fifo"];
/// How long a function may take, and a message stays hidden, in seconds.
const TIMEOUT_SECONDS: u32 = 10;
/// How often a message is tried before it goes to its dead-letter queue.
const TRIES: u32 = 3;

/// Where to send and where to look.
pub(super) struct App {
    /// Of messages without and with an order.
    pub(super) queues: [String; 2],
    /// Where what fails ends: of both queues, and of events.
    pub(super) ends: [String; 3],
    /// The function's URL.
    pub(super) url: String,
    mappings: Vec<String>,
}

/// Makes all of it.
pub(super) async fn run(deployer: &Deployer) -> Result<App> {
    let client = &deployer.client;
    allow(client).await?;
    let table = json!({
        "TableName": SEEN,
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    });
    client.json("dynamodb", "DynamoDB_20120810.CreateTable", &table).await?;
    let failed = queue(client, "failed", json!({})).await?;
    let fifo = json!({"FifoQueue": "true", "ContentBasedDeduplication": "true"});
    let (standard, standard_end) = with_end(client, "standard", "", json!({})).await?;
    let (ordered, ordered_end) = with_end(client, "fifo", ".fifo", fifo).await?;
    for name in [EVENTS].iter().chain(&BATCHES) {
        function(deployer, name).await?;
    }
    let mut mappings = Vec::new();
    for (name, queue) in BATCHES.iter().zip([&standard, &ordered]) {
        mappings.push(map(client, name, &arn(client, queue).await?).await?);
    }
    // One retry, a minute later: two would make the end wait for two minutes more.
    let failure = json!({"OnFailure": {"Destination": arn(client, &failed).await?}});
    let config = json!({"MaximumRetryAttempts": 1, "DestinationConfig": failure});
    let path = format!("/2019-09-25/functions/{EVENTS}/event-invoke-config");
    call(client, Method::PUT, &path, &config).await?;
    let url = url(client).await?;
    let ends = [standard_end, ordered_end, failed];
    Ok(App { queues: [standard, ordered], ends, url, mappings })
}

impl App {
    /// Deletes what runs, so that no instance has a reason to stay.
    pub(super) async fn remove_functions(&self, client: &Client) -> Result<()> {
        let mappings = self.mappings.iter().map(|id| format!("{MAPPINGS}/{id}"));
        let functions =
            [EVENTS].into_iter().chain(BATCHES).map(|name| format!("{FUNCTIONS}/{name}"));
        for path in mappings.chain(functions) {
            call(client, Method::DELETE, &path, &json!({})).await?;
        }
        Ok(())
    }
}

const MAPPINGS: &str = "/2015-03-31/event-source-mappings";

/// What the functions' role may do, besides writing logs.
async fn allow(client: &Client) -> Result<()> {
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["dynamodb:*", "sqs:*"], "Resource": "*"}],
    });
    let policy = policy.to_string();
    let parameters =
        [("RoleName", "bench"), ("PolicyName", "mixed"), ("PolicyDocument", policy.as_str())];
    client.query("iam", "2010-05-08", "PutRolePolicy", &parameters).await?;
    Ok(())
}

async fn queue(client: &Client, name: &str, attributes: Value) -> Result<String> {
    let input = json!({"QueueName": name, "Attributes": attributes});
    let reply = client.json("sqs", "AmazonSQS.CreateQueue", &input).await?;
    Ok(reply["QueueUrl"].as_str().context("CreateQueue gives no URL")?.to_owned())
}

/// A queue and its dead-letter queue.
async fn with_end(
    client: &Client,
    name: &str,
    suffix: &str,
    mut attributes: Value,
) -> Result<(String, String)> {
    let end = queue(client, &format!("{name}-end{suffix}"), attributes.clone()).await?;
    let redrive =
        json!({"deadLetterTargetArn": arn(client, &end).await?, "maxReceiveCount": TRIES});
    attributes["RedrivePolicy"] = redrive.to_string().into();
    attributes["VisibilityTimeout"] = TIMEOUT_SECONDS.to_string().into();
    Ok((queue(client, &format!("{name}{suffix}"), attributes).await?, end))
}

async fn arn(client: &Client, queue: &str) -> Result<String> {
    let input = json!({"QueueUrl": queue, "AttributeNames": ["QueueArn"]});
    let reply = client.json("sqs", "AmazonSQS.GetQueueAttributes", &input).await?;
    Ok(reply["Attributes"]["QueueArn"].as_str().context("a queue without an ARN")?.to_owned())
}

async fn function(deployer: &Deployer, name: &str) -> Result<()> {
    let input = json!({
        "FunctionName": name,
        "Runtime": Subject::Python.runtime(),
        "Role": deployer.role,
        "Handler": "app.handler",
        "Timeout": TIMEOUT_SECONDS,
        "MemorySize": MEMORY_MIB,
        "Environment": {"Variables": {"TABLE": SEEN}},
        "Code": {"ZipFile": STANDARD.encode(archive("app.py", CODE.as_bytes())?)},
    });
    deployer.call(Method::POST, FUNCTIONS, &input).await
}

async fn map(client: &Client, function: &str, queue: &str) -> Result<String> {
    let input = json!({
        "FunctionName": function,
        "EventSourceArn": queue,
        "BatchSize": 10,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    });
    let made = call(client, Method::POST, MAPPINGS, &input).await?;
    Ok(made["UUID"].as_str().context("a mapping without an id")?.to_owned())
}

async fn url(client: &Client) -> Result<String> {
    let path = format!("/2021-10-31/functions/{EVENTS}/url");
    let made = call(client, Method::POST, &path, &json!({"AuthType": "NONE"})).await?;
    // A URL that is open to all needs both.
    for (action, name, value) in [
        ("InvokeFunctionUrl", "FunctionUrlAuthType", json!("NONE")),
        ("InvokeFunction", "InvokedViaFunctionUrl", json!(true)),
    ] {
        let mut permission = json!({
            "StatementId": action,
            "Action": format!("lambda:{action}"),
            "Principal": "*",
        });
        permission[name] = value;
        let path = format!("{FUNCTIONS}/{EVENTS}/policy");
        call(client, Method::POST, &path, &permission).await?;
    }
    Ok(made["FunctionUrl"].as_str().context("a function without a URL")?.to_owned())
}

async fn call(client: &Client, method: Method, path: &str, input: &Value) -> Result<Value> {
    let body = if method == Method::DELETE { Default::default() } else { input.to_string().into() };
    let reply = client.rest("lambda", Rest { method, path, headers: &[], body }).await?;
    ensure!(reply.status.is_success(), "{path}: {}", reply.status);
    match reply.body.is_empty() {
        true => Ok(Value::Null),
        false => Ok(serde_json::from_slice(&reply.body)?),
    }
}
