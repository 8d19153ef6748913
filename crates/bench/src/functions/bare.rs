//! The floor of starts: a runtime without walls, started as a plain process, until it asks for its first
//! event. And the native function itself, which is its own runtime client.

use anyhow::{Context, Result, anyhow, ensure};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::{
    program::Ended,
    runtime_api::VARIABLE,
    subject::{Installed, Interpreter, Subject},
};

/// The client that a function of Python has, and how it asks for its first event.
const PYTHON: &str = "
import os, sys
sys.path[:0] = [os.environ['FOLDER'], os.environ['FOLDER'] + '/python-sdk']
from awslambdaric import bootstrap
from awslambdaric.lambda_runtime_client import LambdaRuntimeClient
if os.environ.get('BOTO3'):
    import boto3
    boto3.client('s3')
client = LambdaRuntimeClient(os.environ['AWS_LAMBDA_RUNTIME_API'], use_thread_for_polling_next=False)
client.wait_next_invocation()
";
/// The least that a function of Node does: it opens a connection and asks.
const NODE: &str = "
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
require('node:http').get({ host, port, path: '/2018-06-01/runtime/invocation/next' });
";

/// Starts so many at once; how long it took until each had asked for its first event.
pub(super) fn start(installed: &Installed, subject: Subject, count: usize) -> Result<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let api = listener.local_addr()?.to_string();
    let mut commands = Vec::new();
    for _ in 0..count {
        let mut command = command(installed, subject)?;
        command.env(VARIABLE, &api).env("AWS_REGION", "us-east-1");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        commands.push(command);
    }
    let began = Instant::now();
    // Meanwhile, so that no more wait to be accepted than the kernel keeps.
    let asking = std::thread::spawn(move || accept(&listener, count));
    let children = commands.iter_mut().map(|command| command.spawn().map(Ended));
    let children = children.collect::<Result<Vec<_>, _>>().context("a floor cannot be started")?;
    let asking = asking.join().map_err(|_| anyhow!("the floor's Runtime API panicked"))??;
    let took = began.elapsed();
    drop((children, asking));
    Ok(took)
}

/// Accepts so many runtimes and reads that each asks for an event.
fn accept(listener: &TcpListener, count: usize) -> Result<Vec<TcpStream>> {
    let mut asking = Vec::new();
    for _ in 0..count {
        let (stream, _) = listener.accept()?;
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line)?;
        ensure!(line.starts_with("GET /2018-06-01/runtime/invocation/next"), "it asked: {line}");
        asking.push(stream);
    }
    Ok(asking)
}

fn command(installed: &Installed, subject: Subject) -> Result<Command> {
    let interpreter = |interpreter: &Interpreter, arguments: &[&str]| {
        let mut command = Command::new(&interpreter.program);
        command.env_clear().env("FOLDER", &interpreter.folder).args(arguments);
        command
    };
    Ok(match subject {
        Subject::Native => {
            let mut command = Command::new(std::env::current_exe()?);
            command.env_clear().arg("native");
            command
        }
        Subject::Python => interpreter(&installed.python, &["-S", "-B", "-c", PYTHON]),
        Subject::Boto3 => {
            let mut command = interpreter(&installed.python, &["-S", "-B", "-c", PYTHON]);
            command.env("BOTO3", "1");
            command
        }
        Subject::Node => interpreter(&installed.node, &["-e", NODE]),
    })
}

/// `bench native`, and the `bootstrap` of the native function: asks for events and answers each
/// with the name in it.
pub(crate) fn serve_native() -> Result<()> {
    let api = std::env::vars().find(|(name, _)| name == VARIABLE);
    serve(&api.context("there is no Runtime API")?.1)
}

fn serve(api: &str) -> Result<()> {
    let mut stream = TcpStream::connect(api)?;
    stream.set_nodelay(true)?;
    let base = "/2018-06-01/runtime/invocation";
    loop {
        write!(stream, "GET {base}/next HTTP/1.1\r\nHost: {api}\r\n\r\n")?;
        let (head, body) = exchange(&mut stream)?;
        let id = head.lines().filter_map(|line| line.split_once(": "));
        let id = id.into_iter().find(|line| line.0 == "lambda-runtime-aws-request-id");
        let id = id.context("the event has no id")?.1;
        let event: serde_json::Value = serde_json::from_slice(&body)?;
        let answer = serde_json::json!({"hello": event["name"]}).to_string();
        let length = answer.len();
        let head = format!("POST {base}/{id}/response HTTP/1.1\r\nHost: {api}\r\n");
        write!(stream, "{head}Content-Length: {length}\r\n\r\n{answer}")?;
        exchange(&mut stream)?;
    }
}

/// Reads one reply: its head and its body.
fn exchange(stream: &mut TcpStream) -> Result<(String, Vec<u8>)> {
    let (mut read, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8(read[..end].to_vec())?;
            let length = head.lines().filter_map(|line| line.split_once(": "));
            let length = length.into_iter().find(|line| line.0 == "content-length");
            let length: usize = length.context("the reply has no length")?.1.parse()?;
            let mut body = read.split_off(end + 4);
            let there = body.len();
            body.resize(length, 0);
            stream.read_exact(&mut body[there..])?;
            return Ok((head, body));
        }
        let count = stream.read(&mut chunk)?;
        ensure!(count > 0, "the Runtime API has gone");
        read.extend_from_slice(&chunk[..count]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::runtime_api::RuntimeApi;

    #[tokio::test]
    async fn events_go_to_a_runtime_and_its_answers_to_their_callers() {
        let api = RuntimeApi::start().await.unwrap();
        let address = api.address().to_string();
        // Ends with the API.
        std::thread::spawn(move || serve(&address));
        for number in 0..3 {
            let event = format!(r#"{{"name": {number}}}"#);
            let answer = api.call(event.into()).await.unwrap();
            assert_eq!(answer, format!(r#"{{"hello":{number}}}"#));
        }
    }
}
