//! Two nodes on one PostgreSQL: one store, one account, one winner; and one node goes on when the
//! other is killed under load.

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use client::{Client, Error};
use e2e::{Node, binary, demo::client, run, wait_for};
use http::{Method, StatusCode, header::IF_NONE_MATCH};
use kv_conformance::postgres::Database;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    path::Path,
    process::Command,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tempfile::TempDir;

/// Clients of each node.
const CLIENTS: usize = 6;
/// Acknowledgements of each node before the kill, and of the other one after it.
const ACKNOWLEDGED: usize = 120;
/// Far longer than a busy host needs.
const PATIENCE: Duration = Duration::from_secs(240);
/// Rounds of racing puts, and racers on each node.
const ROUNDS: usize = 40;
const RACERS: usize = 8;

/// The same for objects.
const OBJECT_ROUNDS: usize = 200;
const OBJECT_RACERS: usize = 64;

/// Two nodes and what they share.
struct Two {
    database: Database,
    /// Blobs, the master key, and the data folder of each node.
    folder: TempDir,
    nodes: Vec<Node>,
}

impl Two {
    /// Starts both at once on an empty database.
    async fn start() -> Result<Self> {
        let database = Database::create().await;
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("key"), "7".repeat(64))?;
        let url = database.url().to_owned();
        let nodes = ["first", "second"].map(|name| {
            let (url, shared) = (url.clone(), folder.path().to_owned());
            tokio::task::spawn_blocking(move || start(&url, &shared, &shared.join(name)))
        });
        let mut started = Vec::new();
        for node in nodes {
            started.push(node.await??);
        }
        Ok(Self { database, folder, nodes: started })
    }

    fn clients(&self) -> Result<[Client; 2]> {
        Ok([client(&self.nodes[0])?, client(&self.nodes[1])?])
    }

    async fn end(mut self) -> Result<()> {
        for node in &mut self.nodes {
            node.stop()?;
        }
        self.database.remove().await;
        Ok(())
    }
}

fn command(url: &str, shared: &Path) -> Result<Command> {
    let mut command = Command::new(binary()?);
    command.env("PILEUS_STORE", url).env("PILEUS_BLOBS", shared.join("blobs"));
    Ok(command)
}

fn start(url: &str, shared: &Path, data: &Path) -> Result<Node> {
    let mut command = command(url, shared)?;
    command.env("PILEUS_MASTER_KEY", shared.join("key"));
    Node::start_as(command, data, "127.0.0.1:0")
}

async fn table(client: &Client, operation: &str, input: Value) -> Result<Value, Error> {
    client.json("dynamodb", &format!("DynamoDB_20120810.{operation}"), &input).await
}

async fn queue(client: &Client, operation: &str, input: Value) -> Result<Value, Error> {
    client.json("sqs", &format!("AmazonSQS.{operation}"), &input).await
}

async fn create_table(client: &Client) -> Result<()> {
    let input = json!({
        "TableName": "ids",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    });
    table(client, "CreateTable", input).await?;
    loop {
        let described = table(client, "DescribeTable", json!({"TableName": "ids"})).await?;
        if described["Table"]["TableStatus"] == "ACTIVE" {
            return Ok(());
        }
        tokio::task::yield_now().await;
    }
}

/// Puts an item that must not be there yet.
async fn put(client: &Client, id: &str) -> Result<(), Error> {
    let input = json!({
        "TableName": "ids",
        "Item": {"id": {"S": id}},
        "ConditionExpression": "attribute_not_exists(id)",
    });
    table(client, "PutItem", input).await.map(drop)
}

/// What the clients of one node were told.
type Book = Arc<Mutex<BTreeSet<String>>>;

fn count(book: &Book) -> usize {
    book.lock().unwrap_or_else(PoisonError::into_inner).len()
}

/// Whether each of so many acknowledgements is enough.
fn enough<const N: usize>(counts: [usize; N]) -> Result<(), String> {
    let enough = counts.iter().all(|count| *count >= ACKNOWLEDGED);
    if enough { Ok(()) } else { Err(format!("{counts:?}")) }
}

/// Puts items and sends messages until the node is gone.
async fn load(client: Client, url: String, name: String, book: Book) -> Result<()> {
    for number in 0.. {
        let id = format!("{name}-{number}");
        let outcome = match put(&client, &id).await {
            Ok(()) => {
                let message = json!({"QueueUrl": url, "MessageBody": id});
                queue(&client, "SendMessage", message).await.map(drop)
            }
            Err(error) => Err(error),
        };
        match outcome {
            Ok(()) => drop(book.lock().unwrap_or_else(PoisonError::into_inner).insert(id)),
            // Without an answer the node is gone.
            Err(Error::Connection { .. } | Error::Refused { .. }) => return Ok(()),
            Err(error) => bail!("{id}: {error}"),
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_node_goes_on_when_the_other_is_killed_under_load_and_nothing_is_lost() -> Result<()> {
    let mut two = Two::start().await?;
    let [first, second] = two.clients()?;
    create_table(&first).await?;
    let created = queue(&first, "CreateQueue", json!({"QueueName": "ids"})).await?;
    let url = created["QueueUrl"].as_str().context("no URL")?.to_owned();

    let books = [Book::default(), Book::default()];
    let begin = |client: &Client, node: usize| -> Vec<_> {
        let spawn = |number: usize| {
            let name = format!("n{node}-{number}");
            tokio::spawn(load(client.clone(), url.clone(), name, books[node].clone()))
        };
        (0..CLIENTS).map(spawn).collect()
    };
    let (of_first, of_second) = (begin(&first, 0), begin(&second, 1));
    wait_for("acknowledgements of both", PATIENCE, || {
        ensure!(!of_first.iter().chain(&of_second).any(|task| task.is_finished()), "a load ended");
        Ok(enough([count(&books[0]), count(&books[1])]))
    })?;
    two.nodes[0].kill()?;
    let at_kill = count(&books[1]);
    for task in of_first {
        task.await??;
    }
    wait_for("acknowledgements of the other", PATIENCE, || {
        ensure!(!of_second.iter().any(|task| task.is_finished()), "the other node's load ended");
        Ok(enough([count(&books[1]) - at_kill]))
    })?;
    for task in of_second {
        task.abort();
    }

    let mut acknowledged: BTreeSet<String> = BTreeSet::new();
    for book in &books {
        acknowledged.extend(book.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned());
    }
    for id in &acknowledged {
        let get = json!({"TableName": "ids", "Key": {"id": {"S": id}}, "ConsistentRead": true});
        ensure!(table(&second, "GetItem", get).await?["Item"]["id"]["S"] == **id, "{id} is lost");
    }
    let mut missing = acknowledged;
    while !missing.is_empty() {
        let receive = json!({"QueueUrl": url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1});
        let received = queue(&second, "ReceiveMessage", receive).await?;
        let messages = received["Messages"].as_array().cloned().unwrap_or_default();
        ensure!(!messages.is_empty(), "{} messages are lost: {missing:?}", missing.len());
        for message in messages {
            missing.remove(message["Body"].as_str().unwrap_or_default());
        }
    }

    // The dead node comes back to what the other has gone on with.
    let shared = two.folder.path();
    two.nodes[0] = start(two.database.url(), shared, &shared.join("first"))?;
    put(&client(&two.nodes[0])?, "after").await?;
    ensure!(put(&second, "after").await.is_err(), "one item was put twice");
    two.end().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_racers_on_two_nodes_one_wins_and_a_message_on_one_wakes_a_receiver_on_the_other()
-> Result<()> {
    let two = Two::start().await?;
    ensure!(two.nodes[0].access()["access_key_id"] == two.nodes[1].access()["access_key_id"]);
    let clients = two.clients()?;
    create_table(&clients[0]).await?;
    for round in 0..ROUNDS {
        let racers = (0..2 * RACERS).map(|racer| {
            let client = clients[racer % 2].clone();
            tokio::spawn(async move { put(&client, &format!("round {round}")).await })
        });
        let mut winners = 0;
        for racer in racers.collect::<Vec<_>>() {
            match racer.await? {
                Ok(()) => winners += 1,
                Err(error) => {
                    let refused = error.code() == Some("ConditionalCheckFailedException");
                    ensure!(refused, "round {round}: {error}");
                }
            }
        }
        ensure!(winners == 1, "{winners} winners in round {round}");
    }

    let created = queue(&clients[0], "CreateQueue", json!({"QueueName": "jobs"})).await?;
    let url = created["QueueUrl"].clone();
    let receive = json!({"QueueUrl": url, "WaitTimeSeconds": 20});
    let receiver = {
        let client = clients[0].clone();
        tokio::spawn(async move { queue(&client, "ReceiveMessage", receive).await })
    };
    queue(&clients[1], "SendMessage", json!({"QueueUrl": url, "MessageBody": "wake"})).await?;
    ensure!(receiver.await??["Messages"][0]["Body"] == "wake");
    two.end().await
}

async fn put_object(client: &Client, path: &str, condition: Option<&str>) -> Result<StatusCode> {
    // An object's body needs a length, and this client sends none with an empty one.
    let body = Bytes::from_static(if condition.is_some() { b"1" } else { b"" });
    let mut request = client.request(Method::PUT, path, body)?;
    if let Some(condition) = condition {
        request.headers_mut().insert(IF_NONE_MATCH, condition.parse()?);
    }
    Ok(client.send("s3", request).await?.status)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_racing_conditional_puts_of_an_object_on_two_nodes_one_wins() -> Result<()> {
    let two = Two::start().await?;
    let clients = two.clients()?;
    ensure!(put_object(&clients[0], "/racers", None).await? == StatusCode::OK);
    for round in 0..OBJECT_ROUNDS {
        let racers = (0..OBJECT_RACERS).map(|racer| {
            let client = clients[racer % 2].clone();
            let path = format!("/racers/{round}");
            tokio::spawn(async move { put_object(&client, &path, Some("*")).await })
        });
        let mut winners = 0;
        for racer in racers.collect::<Vec<_>>() {
            match racer.await?? {
                StatusCode::OK => winners += 1,
                StatusCode::PRECONDITION_FAILED | StatusCode::CONFLICT => {}
                status => bail!("round {round}: {status}"),
            }
        }
        ensure!(winners == 1, "{winners} winners in round {round}");
    }
    two.end().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_lacks_what_the_others_share_is_refused_by_name() -> Result<()> {
    let two = Two::start().await?;
    let (url, shared) = (two.database.url(), two.folder.path());
    let refusal = |command: &mut Command, data: &str| {
        let up = command.args(["up", "--listen", "127.0.0.1:0", "--data"]).arg(shared.join(data));
        run(up).err().map(|error| error.to_string()).unwrap_or_default()
    };
    let text = refusal(&mut command(url, shared)?, "third");
    ensure!(text.contains("--master-key"), "{text}");
    let text = refusal(command(url, shared)?.env_remove("PILEUS_BLOBS"), "third");
    ensure!(text.contains("--blobs"), "{text}");
    let text = refusal(command(url, shared)?.env("PILEUS_MASTER_KEY", shared.join("key")), "first");
    ensure!(text.contains("another node uses this data folder"), "{text}");
    two.end().await
}
