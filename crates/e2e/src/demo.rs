//! The backend of `examples/backend`, as the demo and the crash test use it.

use crate::{Node, root};
use anyhow::{Context, Result};
use bytes::Bytes;
use client::{Client, Element};
use clock::SystemClock;
use http::{Method, Request};
use serde_json::{Value, json};
use sigv4::Credentials;
use std::{process::Command, sync::Arc};
use tokio::runtime::Runtime;
use types::Secret;

mod files;

pub use files::File;

/// The name of the stack.
pub const STACK: &str = "backend";
/// CloudFormation, as its protocol names it.
const SERVICE: &str = "cloudformation";
const VERSION: &str = "2010-05-15";

/// The command that deploys `examples/backend` to a node.
///
/// # Errors
/// There is no `pileus` binary or no template.
pub fn deploy(node: &Node) -> Result<Command> {
    let template = root().join("examples/backend/template.yaml").canonicalize()?;
    let mut command = Command::new(crate::binary()?);
    command.args(["deploy", "--stack-name", STACK, "--data"]).arg(node.data());
    // Beside the data, so that the checkout stays as it is.
    command.arg("--build-dir").arg(node.data().join("build")).arg(template);
    command.env_remove("AWS_ENDPOINT_URL");
    Ok(command)
}

/// A signed client of a node, with its root key.
///
/// # Errors
/// The node has no proper endpoint.
pub fn client(node: &Node) -> Result<Client> {
    let text = |name: &str| node.access()[name].as_str().unwrap_or_default().to_owned();
    let secret = Secret::new(text("secret_access_key"));
    let credentials = Credentials::new(text("access_key_id"), secret);
    let clock = Arc::new(SystemClock::default());
    Ok(Client::new(node.endpoint(), credentials, &text("region"), clock)?)
}

/// The status of the stack [`STACK`], if there is one.
///
/// # Errors
/// The node does not answer.
pub fn status(node: &Node) -> Result<Option<String>> {
    let answer = ask(node, "DescribeStacks")?;
    let stack = answer.as_ref().and_then(|answer| answer.list("Stacks").first());
    Ok(stack.and_then(|stack| stack.get("StackStatus")).map(str::to_owned))
}

/// How many events the stack [`STACK`] has; 0 if there is no stack.
///
/// # Errors
/// The node does not answer.
pub fn events(node: &Node) -> Result<usize> {
    let answer = ask(node, "DescribeStackEvents")?;
    Ok(answer.map_or(0, |answer| answer.list("StackEvents").len()))
}

/// Asks CloudFormation about the stack; `None` if there is none.
fn ask(node: &Node, action: &str) -> Result<Option<Element>> {
    let (client, runtime) = (client(node)?, runtime()?);
    let parameters = [("StackName", STACK)];
    match runtime.block_on(client.query(SERVICE, VERSION, action, &parameters)) {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.code() == Some("ValidationError") => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn runtime() -> Result<Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// The deployed backend.
pub struct Backend {
    runtime: Runtime,
    client: Client,
    door: Door,
    table: String,
    welcome_queue: String,
    dead_letter_queue: String,
    uploads: String,
    thumbnails: String,
    files: String,
}

/// The door of the sign-up service, for many at once.
#[derive(Clone)]
pub struct Door {
    client: Client,
    url: String,
}

/// A row of the table of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The key.
    pub email: String,
    /// The name that they gave.
    pub name: String,
    /// When they signed up.
    pub signed_up: String,
    /// When the worker welcomed them.
    pub welcomed: Option<String>,
}

impl Door {
    /// Its URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Signs somebody up; the answer is the status and the body.
    ///
    /// # Errors
    /// No answer.
    pub async fn sign_up(&self, email: &str, name: &str) -> Result<(u16, Value)> {
        let body = json!({"email": email, "name": name}).to_string();
        let mut request = Request::new(Bytes::from(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.url.parse()?;
        let reply = self.client.send_unsigned(request).await?;
        let body = serde_json::from_slice(&reply.body).unwrap_or_default();
        Ok((reply.status.as_u16(), body))
    }
}

impl Backend {
    /// The stack [`STACK`] of a node.
    ///
    /// # Errors
    /// It is not deployed.
    pub fn connect(node: &Node) -> Result<Self> {
        let (client, runtime) = (client(node)?, runtime()?);
        let answer = ask(node, "DescribeStacks")?;
        let stack = answer.as_ref().and_then(|answer| answer.list("Stacks").first());
        let stack = stack.with_context(|| format!("there is no stack {STACK}"))?;
        let output = |name: &str| {
            let outputs = stack.list("Outputs");
            let found = outputs.iter().find(|output| output.get("OutputKey") == Some(name));
            let value = found.and_then(|output| output.get("OutputValue"));
            value.map(str::to_owned).with_context(|| format!("the stack has no output {name}"))
        };
        Ok(Self {
            door: Door { client: client.clone(), url: output("SignupUrl")? },
            table: output("UsersTable")?,
            welcome_queue: output("WelcomeQueueUrl")?,
            dead_letter_queue: output("DeadLetterQueueUrl")?,
            uploads: output("UploadsBucket")?,
            thumbnails: output("ThumbnailsBucket")?,
            files: output("FilesTable")?,
            runtime,
            client,
        })
    }

    /// The door of the sign-up service.
    #[must_use]
    pub fn door(&self) -> &Door {
        &self.door
    }

    /// Signs somebody up; the answer is the status.
    ///
    /// # Errors
    /// No answer.
    pub fn sign_up(&self, email: &str) -> Result<u16> {
        Ok(self.runtime.block_on(self.door.sign_up(email, email))?.0)
    }

    /// All users.
    ///
    /// # Errors
    /// The table cannot be read.
    pub fn users(&self) -> Result<Vec<User>> {
        let mut users = Vec::new();
        let mut input = json!({"TableName": self.table, "ConsistentRead": true});
        loop {
            let page = self.json("dynamodb", "DynamoDB_20120810.Scan", &input)?;
            let rows = page["Items"].as_array().context("a scan without items")?;
            users.extend(rows.iter().map(user));
            match page.get("LastEvaluatedKey") {
                Some(last) => input["ExclusiveStartKey"] = last.clone(),
                None => return Ok(users),
            }
        }
    }

    /// How many messages the dead-letter queue holds.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn dead_letters(&self) -> Result<usize> {
        self.messages(&self.dead_letter_queue)
    }

    /// How many welcome jobs wait, or are worked on.
    ///
    /// # Errors
    /// The queue cannot be read.
    pub fn welcome_jobs(&self) -> Result<usize> {
        self.messages(&self.welcome_queue)
    }

    /// Takes all messages out of the dead-letter queue; the answer is whose welcome they were.
    ///
    /// # Errors
    /// It cannot be read, or holds something else.
    pub fn take_dead_letters(&self) -> Result<Vec<String>> {
        let mut emails = Vec::new();
        let queue = json!({"QueueUrl": self.dead_letter_queue, "MaxNumberOfMessages": 10});
        loop {
            let batch = self.json("sqs", "AmazonSQS.ReceiveMessage", &queue)?;
            let messages = batch["Messages"].as_array().cloned().unwrap_or_default();
            if messages.is_empty() {
                return Ok(emails);
            }
            for message in messages {
                let body = message["Body"].as_str().context("a message without a body")?;
                let job: Value = serde_json::from_str(body)?;
                let email = job["email"].as_str().with_context(|| format!("no job: {body}"))?;
                emails.push(email.to_owned());
                let handle = &message["ReceiptHandle"];
                let done = json!({"QueueUrl": self.dead_letter_queue, "ReceiptHandle": handle});
                self.json("sqs", "AmazonSQS.DeleteMessage", &done)?;
            }
        }
    }

    /// The messages of a queue: those that can be received and those that somebody has received.
    fn messages(&self, queue: &str) -> Result<usize> {
        let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
        let input = json!({"QueueUrl": queue, "AttributeNames": names});
        let answer = self.json("sqs", "AmazonSQS.GetQueueAttributes", &input)?;
        let count = |name: &str| -> Result<usize> {
            let text = answer["Attributes"][name].as_str().context("a queue without a count")?;
            Ok(text.parse()?)
        };
        Ok(count(names[0])? + count(names[1])?)
    }

    fn json(&self, service: &str, target: &str, input: &Value) -> Result<Value> {
        Ok(self.runtime.block_on(self.client.json(service, target, input))?)
    }
}

fn user(row: &Value) -> User {
    let text = |name: &str| row[name]["S"].as_str().map(str::to_owned);
    User {
        email: text("email").unwrap_or_default(),
        name: text("name").unwrap_or_default(),
        signed_up: text("signedUpAt").unwrap_or_default(),
        welcomed: text("welcomedAt"),
    }
}
