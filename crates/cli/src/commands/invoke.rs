//! `pileus invoke`

use crate::{error::Error, output, session::Session, stacks};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use client::{Client, Reply, Rest, segment};
use http::Method;
use serde_json::{Value, json};
use std::{
    fs,
    io::{self, Read},
    path::Path,
    process::ExitCode,
};

const EXAMPLES: &str = "\
Examples:
  pileus invoke hello
  pileus invoke my-stack/Hello --payload '{\"name\": \"Ada\"}' --log
  pileus invoke hello --payload @event.json
  echo '{}' | pileus invoke hello --payload -
  pileus invoke hello --async

The reply goes to standard output, the log to standard error. The status is 1 if the function failed.";

/// The flags of `pileus invoke`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Invoke {
    /// Its name or ARN, or STACK/LOGICAL_ID
    function: String,
    /// The event: JSON, @FILE, or - for standard input
    #[arg(long, short, value_name = "JSON", default_value = "{}")]
    payload: String,
    /// Do not wait: the event is kept durably, and retried if the function fails
    #[arg(long = "async", conflicts_with = "log")]
    later: bool,
    /// Print the last 4 KiB of the function's log
    #[arg(long)]
    log: bool,
}

/// Calls a function.
pub(crate) fn run(command: &Invoke, session: &Session) -> Result<ExitCode, Error> {
    let payload = payload(&command.payload)?;
    let client = session.client()?;
    let reply = session.block_on(async {
        let name = stacks::function_name(&client, &command.function).await?;
        invoke(&client, &name, command, payload).await
    })?;
    let failed = reply.header("x-amz-function-error");
    let log = log_tail(&reply);
    if session.json() {
        output::json(&json!({
            "StatusCode": reply.status.as_u16(),
            "FunctionError": failed,
            "ExecutedVersion": reply.header("x-amz-executed-version"),
            "LogResult": log,
            "Payload": serde_json::from_slice::<Value>(&reply.body).ok(),
        }))?;
    } else {
        log.iter().for_each(|log| output::note(log.trim_end()));
        if command.later {
            output::note("accepted");
        } else {
            output::line(&String::from_utf8_lossy(&reply.body))?;
        }
        if let Some(kind) = failed {
            output::note(&format!("{} the function failed ({kind})", output::bad("error:")));
        }
    }
    Ok(if failed.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn invoke(
    client: &Client,
    name: &str,
    command: &Invoke,
    payload: Bytes,
) -> Result<Reply, Error> {
    let kind = if command.later { "Event" } else { "RequestResponse" };
    let mut headers = vec![("x-amz-invocation-type", kind)];
    if command.log {
        headers.push(("x-amz-log-type", "Tail"));
    }
    let path = format!("/2015-03-31/functions/{}/invocations", segment(name));
    let call = Rest { method: Method::POST, path: &path, headers: &headers, body: payload };
    client.rest("lambda", call).await.map_err(|error| match error.code() {
        Some("ResourceNotFoundException") => {
            Error::new(error.to_string()).next("`pileus ls functions` lists them")
        }
        _ => error.into(),
    })
}

fn log_tail(reply: &Reply) -> Option<String> {
    let bytes = BASE64_STANDARD.decode(reply.header("x-amz-log-result")?).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The event that the flag names. It must be JSON, as Lambda wants it.
fn payload(text: &str) -> Result<Bytes, Error> {
    let bytes = match text.strip_prefix('@') {
        Some(path) => {
            let path = Path::new(path);
            fs::read(path).map_err(|error| Error::file(path, &error))?
        }
        None if text == "-" => {
            let mut bytes = Vec::new();
            let read = io::stdin().lock().read_to_end(&mut bytes);
            read.map_err(|error| Error::file(Path::new("standard input"), &error))?;
            bytes
        }
        None => text.as_bytes().to_vec(),
    };
    if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(&bytes) {
        return Err(Error::new(format!("the payload is not JSON: {error}"))
            .next("quote it for the shell: --payload '{\"key\": \"value\"}'"));
    }
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_text_or_a_file_and_always_json() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("event.json");
        fs::write(&path, "[1]").unwrap();
        assert_eq!(payload("{\"a\": 1}").unwrap(), "{\"a\": 1}");
        assert_eq!(payload(&format!("@{}", path.display())).unwrap(), "[1]");
        for bad in ["{a: 1}", "", "@/does/not/exist"] {
            assert!(payload(bad).is_err(), "{bad}");
        }
    }
}
