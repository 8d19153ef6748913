//! Functions that are deployed and that nobody calls: no process, and little memory. Beside it stands
//! the same node without any function.

use anyhow::{Context, Result, ensure};
use client::{Client, Rest, segment};
use clock::SystemClock;
use futures_util::{StreamExt, TryStreamExt, stream};
use http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    deploy::{Deployer, FUNCTIONS},
    figures::{float, median, millis},
    load,
    subject::Subject,
};
use crate::http::{node::Node, report};

/// Functions that are made at once.
const AT_ONCE: usize = 32;
/// How often all functions are listed; the median is printed.
const LISTS: usize = 3;
/// Time for what is still at work to end, before memory is measured.
const PAUSE: Duration = Duration::from_secs(5);
/// What the platform may take, in megabytes.
const GOAL: f64 = 150.0;

/// Prints processes and memory before, with all functions, and after a restart.
pub(super) fn run(
    runtime: &tokio::runtime::Runtime,
    binary: &Path,
    data: &Path,
    count: u32,
) -> Result<()> {
    report::line(&format!(
        "\n{:<34}{:>10}{:>16}{:>10}{:>15}{:>7}",
        "idle functions", "functions", "other processes", "MB (PSS)", "ListFunctions", "load"
    ));
    let node = Node::start(binary, data)?;
    let count = usize::try_from(count)?;
    let (empty, took) = runtime.block_on(async {
        tokio::time::sleep(PAUSE).await;
        let deployer = Deployer::new(node.access(), Arc::new(SystemClock::default())).await?;
        let empty = state("none, the floor", &node, &deployer.client, &BTreeSet::new()).await?;
        let began = Instant::now();
        create(&deployer, count).await?;
        let took = began.elapsed();
        tokio::time::sleep(PAUSE).await;
        let full = state("all made", &node, &deployer.client, &names(count)).await?;
        ensure!(full.0 == empty.0, "an idle function has a process");
        anyhow::Ok((empty, took))
    })?;
    node.stop()?;
    let node = Node::start(binary, data)?;
    let up = millis(node.start_up());
    let client = Client::new(
        &node.access().endpoint,
        node.access().credentials.clone(),
        &node.access().region,
        Arc::new(SystemClock::default()),
    )?;
    let called = runtime.block_on(async {
        tokio::time::sleep(PAUSE).await;
        let again = state("after a restart", &node, &client, &names(count)).await?;
        ensure!(again.0 == empty.0, "an idle function has a process after a restart");
        call(&client, count / 2).await
    })?;
    node.stop()?;
    let rate = float(count) / took.as_secs_f64();
    report::line(&format!(
        "goal: {GOAL:.0} MB and no process; made at {rate:.0} a second ({AT_ONCE} clients); start-up \
         with all {up:.0} ms; first call of one {:.0} ms",
        millis(called)
    ));
    Ok(())
}

/// Prints what there is; the number of processes and the memory.
async fn state(
    name: &str,
    node: &Node,
    client: &Client,
    expected: &BTreeSet<String>,
) -> Result<(usize, f64)> {
    let measure = || -> Result<(usize, f64)> {
        let mut pids = report::descendants(node.pid())?;
        let others = pids.len();
        pids.push(node.pid());
        Ok((others, report::proportional(&pids)))
    };
    // Listing reads what idle functions need not have in memory: measured before, and after.
    let (others, megabytes) = measure()?;
    let mut times = Vec::new();
    for _ in 0..LISTS {
        let began = Instant::now();
        let found = list(client).await?;
        times.push(millis(began.elapsed()));
        ensure!(found == *expected, "{} functions are listed", found.len());
    }
    let (functions, list, load) = (expected.len(), median(times), load());
    report::line(&format!(
        "{name:<34}{functions:>10}{others:>16}{megabytes:>10.1}{list:>12.0} ms{load:>7}"
    ));
    let listed = measure()?;
    let functions = "  the same, after they were listed";
    report::line(&format!("{functions:<60}{:>10.1}", listed.1));
    Ok((others, megabytes.max(listed.1)))
}

fn name(number: usize) -> String {
    format!("idle-{number:06}")
}

fn names(count: usize) -> BTreeSet<String> {
    (0..count).map(name).collect()
}

/// Makes the functions, which share one package.
async fn create(deployer: &Deployer, count: usize) -> Result<()> {
    let zip = Subject::Python.archive()?;
    let key = hex::encode(Sha256::digest(&zip));
    let upload = Rest {
        method: Method::PUT,
        path: &format!("/_pileus/code/{key}"),
        headers: &[("content-type", "application/zip")],
        body: zip.into(),
    };
    deployer.client.rest("lambda", upload).await?;
    let make = |number| {
        let input = json!({
            "FunctionName": name(number),
            "Runtime": Subject::Python.runtime(),
            "Role": deployer.role,
            "Handler": "app.handler",
            "Timeout": 60,
            "Code": {"S3Bucket": "pileus-code", "S3Key": key},
        });
        async move { deployer.call(Method::POST, FUNCTIONS, &input).await }
    };
    stream::iter((0..count).map(make)).buffer_unordered(AT_ONCE).try_collect().await
}

/// The names of all functions, page by page.
async fn list(client: &Client) -> Result<BTreeSet<String>> {
    let (mut found, mut marker) = (BTreeSet::new(), String::new());
    loop {
        let path = format!("{FUNCTIONS}?MaxItems=50{marker}");
        let body = client.rest("lambda", Rest { path: &path, ..Rest::default() }).await?.body;
        let page: Value = serde_json::from_slice(&body)?;
        for function in page["Functions"].as_array().context("no list")? {
            let name = function["FunctionName"].as_str().context("a function without a name")?;
            ensure!(found.insert(name.to_owned()), "{name} is listed twice");
        }
        match page["NextMarker"].as_str() {
            Some(next) => marker = format!("&Marker={}", segment(next)),
            None => return Ok(found),
        }
    }
}

/// Calls one of them and checks what it says.
async fn call(client: &Client, number: usize) -> Result<Duration> {
    let path = format!("{FUNCTIONS}/{}/invocations", name(number));
    let body = json!({"name": "idle"}).to_string().into();
    let began = Instant::now();
    let call = Rest { method: Method::POST, path: &path, headers: &[], body };
    let body = client.rest("lambda", call).await?.body;
    let took = began.elapsed();
    let answer: Value = serde_json::from_slice(&body)?;
    ensure!(answer == json!({"hello": "idle"}), "an idle function answers {answer}");
    Ok(took)
}
