use anyhow::{Context, Result, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use client::{Client, Rest};
use clock::SharedClock;
use http::Method;
use serde_json::{Value, json};
use std::cell::RefCell;

use super::{program::MEMORY_MIB, subject::Subject};
use crate::http::node::Access;

/// The name of the role.
const ROLE: &str = "bench";
/// What lets a function write its log.
const BASIC_EXECUTION: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
pub(super) const FUNCTIONS: &str = "/2015-03-31/functions";

/// Makes functions and changes them.
pub(super) struct Deployer {
    pub(super) client: Client,
    pub(super) role: String,
    pub(super) host: String,
    made: RefCell<Vec<Subject>>,
}

impl Deployer {
    /// Makes the role that all functions have.
    pub(super) async fn new(access: &Access, clock: SharedClock) -> Result<Self> {
        let client =
            Client::new(&access.endpoint, access.credentials.clone(), &access.region, clock)?;
        let trust = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "lambda.amazonaws.com"},
            }],
        });
        let trust = trust.to_string();
        let parameters = [("RoleName", ROLE), ("AssumeRolePolicyDocument", trust.as_str())];
        let reply = client.query("iam", "2010-05-08", "CreateRole", &parameters).await?;
        let role = reply.child("Role").and_then(|role| role.get("Arn"));
        let role = role.context("CreateRole gives no ARN")?.to_owned();
        // Without it the functions' output would be dropped, which is no fair measure.
        let parameters = [("RoleName", ROLE), ("PolicyArn", BASIC_EXECUTION)];
        client.query("iam", "2010-05-08", "AttachRolePolicy", &parameters).await?;
        let host = access.authority()?.to_owned();
        Ok(Self { client, role, host, made: RefCell::default() })
    }

    /// Makes the function of a subject, unless another part has.
    pub(super) async fn provide(&self, subject: Subject) -> Result<()> {
        if self.made.borrow().contains(&subject) {
            return Ok(());
        }
        let input = json!({
            "FunctionName": subject.name(),
            "Runtime": subject.runtime(),
            "Role": self.role,
            "Handler": "app.handler",
            "Timeout": 60,
            "MemorySize": MEMORY_MIB,
            "Code": {"ZipFile": STANDARD.encode(subject.archive()?)},
        });
        self.call(Method::POST, FUNCTIONS, &input).await?;
        self.made.borrow_mut().push(subject);
        Ok(())
    }

    /// Changes a function's configuration, so that its next call is a cold one.
    pub(super) async fn renew(&self, subject: Subject, number: u32) -> Result<()> {
        let path = format!("{FUNCTIONS}/{}/configuration", subject.name());
        let variables = json!({"NUMBER": number.to_string()});
        self.call(Method::PUT, &path, &json!({"Environment": {"Variables": variables}})).await
    }

    /// Calls an operation of Lambda.
    pub(super) async fn call(&self, method: Method, path: &str, input: &Value) -> Result<()> {
        let body = input.to_string().into();
        let reply = self.client.rest("lambda", Rest { method, path, headers: &[], body }).await?;
        ensure!(reply.status.is_success(), "{path}: {}", reply.status);
        Ok(())
    }
}
