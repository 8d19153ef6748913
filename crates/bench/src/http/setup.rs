use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use client::{Client, Rest};
use clock::SharedClock;
use http::Method;
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};
use std::io::{Cursor, Write};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{
    node::Access,
    template::{Expected, Template},
};

/// How many different requests each operation has.
pub(crate) const REQUESTS: usize = 256;
/// The size of an item's and of a message's text, in bytes.
const TEXT_BYTES: usize = 256;
/// The name of the table, of the queue, of the role and of the function.
const NAME: &str = "bench";
const INVOKE: &str = "/2015-03-31/functions/bench/invocations";
/// What lets a function write its log.
const BASIC_EXECUTION: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
const CODE: &[u8] = b"def handler(event, context):\n    return {'hello': event['name']}\n";

/// The requests to measure.
pub(crate) struct Templates {
    /// Those of `get`, for a server that answers with an empty object.
    pub(crate) floor: Vec<Template>,
    pub(crate) get: Vec<Template>,
    pub(crate) put: Vec<Template>,
    pub(crate) send: Vec<Template>,
    pub(crate) invoke: Option<Vec<Template>>,
}

/// Makes the table with its items, the queue and, if it is to be invoked, the function.
pub(crate) async fn run(access: &Access, clock: SharedClock, invoke: bool) -> Result<Templates> {
    let credentials = access.credentials.clone();
    let client = Client::new(&access.endpoint, credentials, &access.region, clock)?;
    let host = access.authority()?;
    table(&client).await?;
    let queue = queue(&client).await?;
    let get: Vec<_> = (0..REQUESTS).map(|number| get_item(host, number)).collect::<Result<_>>()?;
    let floor = get.iter().map(|t| t.expecting(Expected::Document(json!({})))).collect();
    let put = (0..REQUESTS).map(|number| put_item(host, number)).collect::<Result<_>>()?;
    let send = (0..REQUESTS).map(|number| send_message(host, &queue, number));
    let send = send.collect::<Result<_>>()?;
    let invoke = if invoke { Some(function(&client, host).await?) } else { None };
    Ok(Templates { floor, get, put, send, invoke })
}

async fn table(client: &Client) -> Result<()> {
    let input = json!({
        "TableName": NAME,
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    });
    client.json("dynamodb", "DynamoDB_20120810.CreateTable", &input).await?;
    for number in 0..REQUESTS {
        let input = json!({"TableName": NAME, "Item": item(number)});
        client.json("dynamodb", "DynamoDB_20120810.PutItem", &input).await?;
    }
    Ok(())
}

async fn queue(client: &Client) -> Result<String> {
    let reply = client.json("sqs", "AmazonSQS.CreateQueue", &json!({"QueueName": NAME})).await?;
    Ok(reply["QueueUrl"].as_str().context("CreateQueue gives no URL")?.to_owned())
}

async fn function(client: &Client, host: &str) -> Result<Vec<Template>> {
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        }],
    });
    let trust = trust.to_string();
    let parameters = [("RoleName", NAME), ("AssumeRolePolicyDocument", &trust)];
    let reply = client.query("iam", "2010-05-08", "CreateRole", &parameters).await?;
    let role = reply.child("Role").and_then(|role| role.get("Arn"));
    let role = role.context("CreateRole gives no ARN")?;
    // Without it the function's output would be dropped, which is no fair measure.
    let parameters = [("RoleName", NAME), ("PolicyArn", BASIC_EXECUTION)];
    client.query("iam", "2010-05-08", "AttachRolePolicy", &parameters).await?;
    let input = json!({
        "FunctionName": NAME,
        "Runtime": "python3.13",
        "Role": role,
        "Handler": "app.handler",
        "Timeout": 60,
        "Code": {"ZipFile": STANDARD.encode(archive()?)},
    });
    let body = input.to_string().into();
    let path = "/2015-03-31/functions";
    client.rest("lambda", Rest { method: Method::POST, path, headers: &[], body }).await?;
    (0..REQUESTS).map(|number| invoke(host, number)).collect()
}

fn archive() -> Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("app.py", SimpleFileOptions::default())?;
    archive.write_all(CODE)?;
    Ok(archive.finish()?.into_inner())
}

fn get_item(host: &str, number: usize) -> Result<Template> {
    let input = json!({"TableName": NAME, "Key": {"id": id(number)}});
    let expected = Expected::Document(json!({"Item": item(number)}));
    dynamodb(host, "DynamoDB_20120810.GetItem", &input, expected)
}

fn put_item(host: &str, number: usize) -> Result<Template> {
    let input = json!({"TableName": NAME, "Item": item(number)});
    dynamodb(host, "DynamoDB_20120810.PutItem", &input, Expected::Document(json!({})))
}

fn dynamodb(host: &str, target: &'static str, input: &Value, reply: Expected) -> Result<Template> {
    let headers = [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", target)];
    Template::new(("dynamodb", host, "/"), &headers, input, reply)
}

fn send_message(host: &str, queue: &str, number: usize) -> Result<Template> {
    let text = text(number);
    let digest = json!(hex::encode(Md5::digest(&text)));
    let members = Map::from_iter([("MD5OfMessageBody".to_owned(), digest)]);
    let expected = Expected::Members(members, &["MessageId"]);
    let headers =
        [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", "AmazonSQS.SendMessage")];
    let input = json!({"QueueUrl": queue, "MessageBody": text});
    Template::new(("sqs", host, "/"), &headers, &input, expected)
}

fn invoke(host: &str, number: usize) -> Result<Template> {
    let name = format!("caller {number}");
    let expected = Expected::Document(json!({"hello": name}));
    let headers = [("content-type", "application/json")];
    Template::new(("lambda", host, INVOKE), &headers, &json!({"name": name}), expected)
}

fn item(number: usize) -> Value {
    json!({"id": id(number), "number": {"N": number.to_string()}, "text": {"S": text(number)}})
}

fn id(number: usize) -> Value {
    json!({"S": format!("item-{number:04}")})
}

fn text(number: usize) -> String {
    format!("{number:0TEXT_BYTES$}")
}
