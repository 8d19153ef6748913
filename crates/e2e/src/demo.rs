//! The backend of `examples/backend`, as the demo and its test use it.

use crate::Node;
use anyhow::{Context, Result};
use bytes::Bytes;
use client::Client;
use clock::SystemClock;
use http::{Method, Request};
use serde_json::{Value, json};
use sigv4::Credentials;
use std::sync::Arc;
use tokio::runtime::Runtime;
use types::Secret;

/// The deployed backend.
pub struct Backend {
    runtime: Runtime,
    client: Client,
    url: String,
    table: String,
    dead_letter_queue: String,
}

/// A row of the table of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The key.
    pub email: String,
    /// When they signed up.
    pub signed_up: String,
    /// When the worker welcomed them.
    pub welcomed: Option<String>,
}

impl Backend {
    /// The stack `backend` of a node.
    ///
    /// # Errors
    /// It is not deployed.
    pub fn connect(node: &Node) -> Result<Self> {
        let text = |name: &str| node.access()[name].as_str().unwrap_or_default().to_owned();
        let secret = Secret::new(text("secret_access_key"));
        let credentials = Credentials::new(text("access_key_id"), secret);
        let clock = Arc::new(SystemClock::default());
        let client = Client::new(node.endpoint(), credentials, &text("region"), clock)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let describe = client.query(
            "cloudformation",
            "2010-05-15",
            "DescribeStacks",
            &[("StackName", "backend")],
        );
        let answer = runtime.block_on(describe)?;
        let stack = answer.list("Stacks").first().context("there is no stack `backend`")?;
        let output = |name: &str| {
            let outputs = stack.list("Outputs");
            let found = outputs.iter().find(|output| output.get("OutputKey") == Some(name));
            let value = found.and_then(|output| output.get("OutputValue"));
            value.map(str::to_owned).with_context(|| format!("the stack has no output {name}"))
        };
        Ok(Self {
            url: output("SignupUrl")?,
            table: output("UsersTable")?,
            dead_letter_queue: output("DeadLetterQueueUrl")?,
            runtime,
            client,
        })
    }

    /// The URL of the sign-up service.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Signs somebody up; the answer is the status.
    ///
    /// # Errors
    /// No answer.
    pub fn sign_up(&self, email: &str) -> Result<u16> {
        let body = json!({"email": email, "name": email}).to_string();
        let mut request = Request::new(Bytes::from(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.url.parse()?;
        let reply = self.runtime.block_on(self.client.send_unsigned(request))?;
        Ok(reply.status.as_u16())
    }

    /// All users.
    ///
    /// # Errors
    /// The table cannot be read.
    pub fn users(&self) -> Result<Vec<User>> {
        let answer =
            self.json("dynamodb", "DynamoDB_20120810.Scan", &json!({"TableName": self.table}))?;
        let rows = answer["Items"].as_array().context("a scan without items")?;
        let text = |row: &Value, name: &str| row[name]["S"].as_str().map(str::to_owned);
        let user = |row: &Value| User {
            email: text(row, "email").unwrap_or_default(),
            signed_up: text(row, "signedUpAt").unwrap_or_default(),
            welcomed: text(row, "welcomedAt"),
        };
        Ok(rows.iter().map(user).collect())
    }

    /// How many messages the dead-letter queue holds.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn dead_letters(&self) -> Result<usize> {
        let name = "ApproximateNumberOfMessages";
        let input = json!({"QueueUrl": self.dead_letter_queue, "AttributeNames": [name]});
        let answer = self.json("sqs", "AmazonSQS.GetQueueAttributes", &input)?;
        let count = answer["Attributes"][name].as_str().context("a queue without a count")?;
        Ok(count.parse()?)
    }

    fn json(&self, service: &str, target: &str, input: &Value) -> Result<Value> {
        Ok(self.runtime.block_on(self.client.json(service, target, input))?)
    }
}
