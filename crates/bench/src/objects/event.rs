//! How long it takes from the acknowledgement of an upload to the start of the function that it
//! causes. The function prints when it started, by the clock that this process reads too.

use crate::http::{node::Access, report};
use anyhow::{Context, Result, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use client::{Client, Rest};
use clock::SharedClock;
use http::Method;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    io::{Cursor, Write},
    time::Duration,
};
use zip::{ZipWriter, write::SimpleFileOptions};

/// Uploads that are measured, one after the other.
const UPLOADS: usize = 200;
/// Those before: the first one waits for the function's first instance.
const WARM_UP: usize = 5;
/// Between two uploads: the function of the last one has ended by then.
const PAUSE: Duration = Duration::from_millis(50);
/// How often the log is asked for before something must be wrong.
const ASKED: usize = 600;
/// The name of the bucket, of the function and of its role.
const NAME: &str = "started";
const BASIC_EXECUTION: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
const CODE: &[u8] = b"import time\n\n\
    def handler(event, context):\n    started = time.time_ns()\n    \
    for record in event['Records']:\n        \
    print('started', record['s3']['object']['key'], started)\n";

/// Prints the median and others.
pub(crate) async fn measure(access: &Access, clock: SharedClock) -> Result<()> {
    let credentials = access.credentials.clone();
    let client = Client::new(&access.endpoint, credentials, &access.region, clock)?;
    let function = function(&client).await?;
    notify(&client, &function).await?;
    let mut acknowledged = HashMap::new();
    for number in 0..WARM_UP + UPLOADS {
        let key = format!("upload-{number}");
        s3(&client, Method::PUT, &format!("/{NAME}/{key}"), vec![7; 4096]).await?;
        let at = now()?;
        if number < WARM_UP {
            wait_for(&client, number + 1).await?;
        } else {
            acknowledged.insert(key, at);
            tokio::time::sleep(PAUSE).await;
        }
    }
    let started = wait_for(&client, WARM_UP + UPLOADS).await?;
    let waits = acknowledged.iter().map(|(key, at)| {
        let started = started.get(key).with_context(|| format!("no function for {key}"))?;
        Ok(started - at)
    });
    let mut waits = waits.collect::<Result<Vec<i64>>>()?;
    waits.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "a time to print")]
    let at = |percent: usize| waits[(waits.len() - 1) * percent / 100] as f64 / 1e6;
    report::line("");
    let others = format!("ms (p90 {:.1}, worst {:.1}; {UPLOADS} uploads)", at(90), at(100));
    report::print("upload to function started, p50", at(50), &others);
    Ok(())
}

/// Nanoseconds since 1970.
fn now() -> Result<i64> {
    let now = clock_gettime(ClockId::Realtime);
    now.tv_sec.checked_mul(1_000_000_000).map(|s| s + now.tv_nsec).context("a strange time")
}

async fn s3(client: &Client, method: Method, path: &str, body: Vec<u8>) -> Result<()> {
    let reply = client.send("s3", client.request(method, path, Bytes::from(body))?).await?;
    let text = String::from_utf8_lossy(&reply.body);
    ensure!(reply.status.is_success(), "{path}: {} {text}", reply.status);
    Ok(())
}

/// When each function started, once so many did.
async fn wait_for(client: &Client, count: usize) -> Result<HashMap<String, i64>> {
    let mut found = HashMap::new();
    for _ in 0..ASKED {
        found = started(client).await?;
        if found.len() == count {
            return Ok(found);
        }
        tokio::time::sleep(PAUSE).await;
    }
    anyhow::bail!("{} functions have started instead of {count}", found.len())
}

async fn started(client: &Client) -> Result<HashMap<String, i64>> {
    let (mut found, mut token) = (HashMap::new(), Value::Null);
    loop {
        let mut input =
            json!({"logGroupName": format!("/aws/lambda/{NAME}"), "filterPattern": "started"});
        if !token.is_null() {
            input["nextToken"] = token;
        }
        let reply = match client.json("logs", "Logs_20140328.FilterLogEvents", &input).await {
            // The first start makes the group.
            Err(error) if error.code() == Some("ResourceNotFoundException") => return Ok(found),
            reply => reply?,
        };
        for event in reply["events"].as_array().into_iter().flatten() {
            let line = event["message"].as_str().unwrap_or_default();
            if let ["started", key, at] = line.split_whitespace().collect::<Vec<_>>()[..] {
                found.insert(key.to_owned(), at.parse()?);
            }
        }
        token = reply["nextToken"].clone();
        if token.is_null() {
            return Ok(found);
        }
    }
}

/// Makes the function; the answer is its ARN.
async fn function(client: &Client) -> Result<String> {
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "lambda.amazonaws.com"},
    }]});
    let trust = trust.to_string();
    let parameters = [("RoleName", NAME), ("AssumeRolePolicyDocument", &trust)];
    let reply = client.query("iam", "2010-05-08", "CreateRole", &parameters).await?;
    let role = reply.child("Role").and_then(|role| role.get("Arn"));
    let role = role.context("CreateRole gives no ARN")?;
    let parameters = [("RoleName", NAME), ("PolicyArn", BASIC_EXECUTION)];
    client.query("iam", "2010-05-08", "AttachRolePolicy", &parameters).await?;
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("app.py", SimpleFileOptions::default())?;
    archive.write_all(CODE)?;
    let input = json!({
        "FunctionName": NAME,
        "Runtime": "python3.13",
        "Role": role,
        "Handler": "app.handler",
        "Timeout": 60,
        "Code": {"ZipFile": STANDARD.encode(archive.finish()?.into_inner())},
    });
    let created = lambda(client, "/2015-03-31/functions", &input).await?;
    let arn = created["FunctionArn"].as_str().context("CreateFunction gives no ARN")?;
    Ok(arn.to_owned())
}

async fn lambda(client: &Client, path: &str, input: &Value) -> Result<Value> {
    let body = input.to_string().into();
    let call = Rest { method: Method::POST, path, headers: &[], body };
    Ok(serde_json::from_slice(&client.rest("lambda", call).await?.body)?)
}

/// Makes the bucket whose uploads start the function.
async fn notify(client: &Client, function: &str) -> Result<()> {
    s3(client, Method::PUT, &format!("/{NAME}"), Vec::new()).await?;
    let permission = json!({
        "StatementId": NAME,
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
        "SourceArn": format!("arn:aws:s3:::{NAME}"),
    });
    lambda(client, &format!("/2015-03-31/functions/{NAME}/policy"), &permission).await?;
    let document = format!(
        "<NotificationConfiguration><CloudFunctionConfiguration>\
         <CloudFunction>{function}</CloudFunction><Event>s3:ObjectCreated:*</Event>\
         </CloudFunctionConfiguration></NotificationConfiguration>"
    );
    s3(client, Method::PUT, &format!("/{NAME}?notification"), document.into_bytes()).await
}
