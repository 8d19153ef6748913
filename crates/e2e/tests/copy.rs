//! `pileus copy` and `pileus restore` into a real PostgreSQL and an object storage that speaks S3,
//! which is another Pileus; two nodes that serve the copy at once; and copies that die at any step.

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use client::{Client, Reply};
use e2e::{Node, binary, demo::client, run};
use http::{Method, StatusCode};
use kv_conformance::postgres::Database;
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// The first part of a multipart upload has at least this many bytes.
const PART_BYTES: usize = 5 << 20;
/// A body that is a blob of its own.
const BLOB_BYTES: usize = 300_000;
/// What a process does that lasts, in its files and towards the database: a copy is killed at one of
/// these.
const STEPS: [&str; 2] =
    ["fsync,fdatasync,rename,renameat,renameat2,mkdir", "write,writev,pwrite64,sendto,sendmsg"];
/// More of each than a whole copy makes.
const MAX_STEPS: u32 = 10_000;

/// An installation in a folder that was filled and stopped, and where its copy goes.
struct Bed {
    folder: TempDir,
    database: Database,
    /// The object storage.
    storage: Node,
}

impl Bed {
    async fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let storage = Node::start(&folder.path().join("storage"))?;
        object(&client(&storage)?, Method::PUT, "/blobs", "").await?;
        let bed = Self { database: Database::create().await, storage, folder };
        let mut source = Node::start(&bed.source())?;
        fill(&client(&source)?).await?;
        source.stop()?;
        Ok(bed)
    }

    fn source(&self) -> PathBuf {
        self.folder.path().join("source")
    }

    fn key(&self) -> PathBuf {
        self.source().join("master.key")
    }

    /// `pileus` with the environment of the new place.
    fn pileus(&self) -> Result<Command> {
        let access = |name: &str| self.storage.access()[name].as_str().unwrap_or_default();
        let mut command = Command::new(binary()?);
        command
            .env("PILEUS_STORE", self.database.url())
            .env("PILEUS_BLOBS", "s3://blobs/installation")
            .env("PILEUS_BLOBS_ENDPOINT", self.storage.endpoint())
            .env("PILEUS_BLOBS_ACCESS_KEY_ID", access("access_key_id"))
            .env("PILEUS_BLOBS_SECRET_ACCESS_KEY", access("secret_access_key"));
        Ok(command)
    }

    /// Starts so many nodes on the new place at once.
    async fn nodes<const N: usize>(&self) -> Result<[Node; N]> {
        let mut starting = Vec::new();
        for number in 0..N {
            let mut command = self.pileus()?;
            command.env("PILEUS_MASTER_KEY", self.key());
            let data = self.folder.path().join(format!("node-{number}"));
            let start = move || Node::start_as(command, &data, "127.0.0.1:0");
            starting.push(tokio::task::spawn_blocking(start));
        }
        let mut nodes = Vec::new();
        for node in starting {
            nodes.push(node.await??);
        }
        nodes.try_into().ok().context("a node is missing")
    }

    async fn end(mut self) -> Result<()> {
        self.storage.stop()?;
        self.database.remove().await;
        Ok(())
    }
}

/// A request of S3 that must succeed.
async fn object(
    client: &Client,
    method: Method,
    path: &str,
    body: impl Into<Bytes>,
) -> Result<Reply> {
    let reply = client.send("s3", client.request(method, path, body.into())?).await?;
    ensure!(reply.status.is_success(), "{path}: {} {:?}", reply.status, reply.body);
    Ok(reply)
}

/// Bytes that differ from place to place.
fn noise(len: usize) -> Bytes {
    (0..len as u64).map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}

/// A body in the store, one blob, an object of two blobs, and a message that is encrypted.
async fn fill(client: &Client) -> Result<()> {
    object(client, Method::PUT, "/files", "").await?;
    object(client, Method::PUT, "/files/small", "small").await?;
    object(client, Method::PUT, "/files/blob", noise(BLOB_BYTES)).await?;
    let begun = object(client, Method::POST, "/files/parts?uploads", "").await?;
    let begun = String::from_utf8_lossy(&begun.body).into_owned();
    let id = begun.split(['<', '>']).skip_while(|part| *part != "UploadId").nth(1);
    let id = id.context("no upload id")?;
    let mut listed = String::new();
    for (number, size) in [(1, PART_BYTES), (2, BLOB_BYTES)] {
        let path = format!("/files/parts?partNumber={number}&uploadId={id}");
        let part = object(client, Method::PUT, &path, noise(size)).await?;
        let etag = part.header("etag").context("no ETag")?;
        listed += &format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>");
    }
    let all = format!("<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>");
    object(client, Method::POST, &format!("/files/parts?uploadId={id}"), all).await?;
    let created = queue(client, "CreateQueue", json!({"QueueName": "jobs"})).await?;
    queue(client, "SendMessage", json!({"QueueUrl": created["QueueUrl"], "MessageBody": "job"}))
        .await?;
    Ok(())
}

/// Fails unless everything is there that [`fill`] has made.
async fn verify(client: &Client) -> Result<()> {
    let parts = [noise(PART_BYTES), noise(BLOB_BYTES)].concat();
    for (path, expected) in [
        ("/files/small", Bytes::from_static(b"small")),
        ("/files/blob", noise(BLOB_BYTES)),
        ("/files/parts", parts.into()),
    ] {
        ensure!(object(client, Method::GET, path, "").await?.body == expected, "{path}");
    }
    let url = queue(client, "GetQueueUrl", json!({"QueueName": "jobs"})).await?;
    let receive =
        json!({"QueueUrl": url["QueueUrl"], "VisibilityTimeout": 0, "WaitTimeSeconds": 5});
    let received = queue(client, "ReceiveMessage", receive).await?;
    ensure!(received["Messages"][0]["Body"] == "job", "{received}");
    Ok(())
}

async fn queue(client: &Client, operation: &str, input: Value) -> Result<Value> {
    Ok(client.json("sqs", &format!("AmazonSQS.{operation}"), &input).await?)
}

/// The kinds of what `pileus check` finds in a running installation.
fn findings(node: &Node) -> Result<Value> {
    let data = node.data().to_str().context("a path")?;
    let printed = node.pileus(&["check", "--json", "--data", data])?;
    Ok(serde_json::from_str::<Value>(&printed)?["findings"].clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_in_postgresql_and_an_object_storage_is_whole_and_two_nodes_serve_it() -> Result<()>
{
    let bed = Bed::new().await?;
    let copied = run(bed.pileus()?.args(["copy", "--json", "--from"]).arg(bed.source()))?;
    let copied: Value = serde_json::from_str(&copied)?;
    ensure!(copied["blobs"] == 3 && copied["entries"].as_u64() > Some(10), "{copied}");
    let again = run(bed.pileus()?.args(["copy", "--from"]).arg(bed.source()));
    ensure!(again.is_err_and(|error| error.to_string().contains("is not empty")));

    let [mut first, mut second] = bed.nodes().await?;
    let clients = [client(&first)?, client(&second)?];
    for client in &clients {
        verify(client).await?;
    }
    object(&clients[0], Method::PUT, "/files/late", noise(BLOB_BYTES + 1)).await?;
    let late = object(&clients[1], Method::GET, "/files/late", "").await?;
    ensure!(late.body == noise(BLOB_BYTES + 1), "the other node has other bytes");
    ensure!(findings(&second)? == json!([]), "{}", findings(&second)?);
    first.kill()?;
    verify(&clients[1]).await?;
    object(&clients[1], Method::DELETE, "/files/late", "").await?;
    ensure!(findings(&second)? == json!([]), "{}", findings(&second)?);
    second.stop()?;

    // The old installation is left as it was.
    let mut source = Node::start(&bed.source())?;
    verify(&client(&source)?).await?;
    let late = client(&source)?.request(Method::GET, "/files/late", Bytes::new())?;
    ensure!(client(&source)?.send("s3", late).await?.status == StatusCode::NOT_FOUND);
    source.stop()?;
    bed.end().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_folder_is_restored_into_postgresql_and_an_object_storage() -> Result<()> {
    let bed = Bed::new().await?;
    let backup = bed.folder.path().join("backup");
    run(Command::new(binary()?).arg("backup").arg(&backup).arg("--data").arg(bed.source()))?;
    let restore = |key: &Path| -> Result<String> {
        let mut command = bed.pileus()?;
        command.arg("restore").arg(&backup).args(["--json", "--data"]);
        run(command.arg(bed.folder.path().join("node-0")).arg("--master-key").arg(key))
    };
    let other = bed.folder.path().join("other.key");
    std::fs::write(&other, "7".repeat(64))?;
    let refused = restore(&other);
    ensure!(refused.is_err_and(|error| error.to_string().contains("is not the master key")));
    let restored: Value = serde_json::from_str(&restore(&bed.key())?)?;
    ensure!(restored["blobs"] == 3, "{restored}");
    ensure!(restore(&bed.key()).is_err_and(|error| error.to_string().contains("is not empty")));

    let [mut node] = bed.nodes().await?;
    verify(&client(&node)?).await?;
    ensure!(findings(&node)? == json!([]), "{}", findings(&node)?);
    node.stop()?;
    bed.end().await
}

/// What a copy that died has left.
#[derive(Debug, PartialEq)]
enum Left {
    /// As if it had never begun: it was begun again, and ended.
    Nothing,
    /// A store that nobody may use, and that says so.
    Incomplete,
    /// All of it.
    Everything,
}

/// Copies to a folder of blobs and to a database of its own, and dies at the `step`-th system call
/// of a kind in one of its threads; nothing if it made fewer.
async fn die_at(calls: &str, step: u32, source: &Path) -> Result<Option<Left>> {
    let database = Database::create().await;
    let shared = tempfile::tempdir()?;
    let place = |command: &mut Command| {
        command.env("PILEUS_STORE", database.url()).env("PILEUS_BLOBS", shared.path());
    };
    let copy = |command: &mut Command| {
        place(command);
        run(command.args(["copy", "--from"]).arg(source))
    };
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e"]).arg(format!("trace={calls}"));
    strace.arg("-e").arg(format!("inject={calls}:signal=KILL:when={step}")).arg(binary()?);
    // System calls are counted by thread: with one, a step is the same one in every run.
    let died = copy(strace.env("TOKIO_WORKER_THREADS", "1")).is_err();
    let left = match copy(&mut Command::new(binary()?)) {
        _ if !died => None,
        Ok(_) => Some(Left::Nothing),
        Err(error) if error.to_string().contains("did not come to its end") => {
            let mut up = Command::new(binary()?);
            place(&mut up);
            up.arg("up")
                .args(["--listen", "127.0.0.1:0", "--data"])
                .arg(shared.path().join("data"));
            let refused = run(up.env("PILEUS_MASTER_KEY", source.join("master.key")));
            let refused = refused.err().context("a node serves half of a copy")?.to_string();
            ensure!(refused.contains("did not come to its end"), "{refused}");
            Some(Left::Incomplete)
        }
        Err(error) if error.to_string().contains("is not empty") => Some(Left::Everything),
        Err(error) => bail!("step {step}: {error}"),
    };
    if matches!(left, Some(Left::Nothing | Left::Everything)) {
        let mut up = Command::new(binary()?);
        place(&mut up);
        up.env("PILEUS_MASTER_KEY", source.join("master.key"));
        let mut node = Node::start_as(up, &shared.path().join("data"), "127.0.0.1:0")?;
        verify(&client(&node)?).await.with_context(|| format!("step {step}: {left:?}"))?;
        node.stop()?;
    }
    database.remove().await;
    Ok(left)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_dies_at_any_step_leaves_all_or_nothing_or_says_that_it_did_not_end()
-> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut source = Node::start(folder.path())?;
    fill(&client(&source)?).await?;
    source.stop()?;
    let mut seen = Vec::new();
    for calls in STEPS {
        seen.extend(die_at_each(calls, folder.path()).await?);
    }
    ensure!(seen.contains(&Left::Nothing) && seen.contains(&Left::Incomplete), "{seen:?}");
    let mut source = Node::start(folder.path())?;
    verify(&client(&source)?).await?;
    source.stop()
}

/// Dies at each of the first steps and at fewer later, but at every one of those between which a
/// copy began to leave something.
async fn die_at_each(calls: &str, source: &Path) -> Result<Vec<Left>> {
    let (mut seen, mut step, mut before) = (Vec::new(), 1, 0);
    while let Some(left) = die_at(calls, step, source).await? {
        if left != Left::Nothing && seen.last() == Some(&Left::Nothing) {
            for between in before + 1..step {
                seen.extend(die_at(calls, between, source).await?);
            }
        }
        seen.push(left);
        (before, step) = (step, step + 1 + step / 8);
        ensure!(step < MAX_STEPS, "a copy does not end: {seen:?}");
    }
    Ok(seen)
}
