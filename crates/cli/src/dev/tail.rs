//! What the functions of a stack print, as it comes, each line with its function.

use crate::{
    commands::logs,
    error::Error,
    output,
    session::{Session, event_loop},
    stacks,
};
use client::{Client, Rest, segment};
use http::Method;
use serde_json::Value;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

/// How often logs are read.
const PAUSE: Duration = Duration::from_millis(250);
/// How often what was printed last is read after the wish to stop.
const LAST_LOOKS: u32 = 2;

/// A thread that prints.
pub(super) struct Tail {
    shared: Arc<Shared>,
    client: Client,
    runtime: tokio::runtime::Runtime,
    thread: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    functions: Vec<Function>,
    stop: bool,
}

/// A function of the stack.
#[derive(Clone, PartialEq, Eq)]
struct Function {
    logical_id: String,
    group: String,
}

impl Tail {
    /// Begins with nothing to print.
    pub(super) fn start(session: &Session) -> Result<Self, Error> {
        let shared = Arc::<Shared>::default();
        let (client, json) = (session.client()?, session.json());
        let since = client.clock().now().as_millis();
        let (own, read) = (shared.clone(), session.client()?);
        let runtime = event_loop()?;
        let thread = std::thread::spawn(move || {
            let Ok(runtime) = event_loop() else { return };
            runtime.block_on(print_all(&own, &read, since, json));
        });
        Ok(Self { shared, client, runtime, thread })
    }

    /// Prints what the functions of a stack print from now on.
    pub(super) fn follow(&self, stack: &str) -> Result<(), Error> {
        let functions = self.runtime.block_on(functions(&self.client, stack))?;
        self.shared.lock().functions = functions;
        Ok(())
    }

    /// Prints what is there and ends.
    pub(super) fn stop(self) {
        self.shared.lock().stop = true;
        // A thread that panicked has said so.
        drop(self.thread.join());
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The functions of a stack with their log groups.
async fn functions(client: &Client, stack: &str) -> Result<Vec<Function>, Error> {
    let mut functions = Vec::new();
    for (logical_id, name) in stacks::resources(client, stack, "AWS::Lambda::Function").await? {
        let path = format!("/2015-03-31/functions/{}/configuration", segment(&name));
        let call = Rest { method: Method::GET, path: &path, ..Rest::default() };
        let body = client.rest("lambda", call).await?.body;
        let described: Value = serde_json::from_slice(&body).unwrap_or_default();
        let group = described["LoggingConfig"]["LogGroup"].as_str();
        let group = group.map_or_else(|| format!("/aws/lambda/{name}"), str::to_owned);
        functions.push(Function { logical_id, group });
    }
    Ok(functions)
}

async fn print_all(shared: &Shared, client: &Client, since: u64, json: bool) {
    let mut readers: Vec<(Function, logs::Reader<'_>)> = Vec::new();
    let mut looks = 0;
    loop {
        let (functions, stop) = {
            let state = shared.lock();
            (state.functions.clone(), state.stop)
        };
        readers.retain(|(function, _)| functions.contains(function));
        for function in functions {
            if !readers.iter().any(|(known, _)| *known == function) {
                let reader = logs::Reader::new(client, function.group.clone(), since);
                readers.push((function, reader));
            }
        }
        let width = readers.iter().map(|(one, _)| one.logical_id.len()).max().unwrap_or_default();
        for (index, (function, reader)) in readers.iter_mut().enumerate() {
            // Groups are made by the first line; what cannot be read now is read the next time.
            for event in reader.news(None).await.unwrap_or_default() {
                if print(&function.logical_id, index, width, &event, json).is_err() {
                    return;
                }
            }
        }
        looks += u32::from(stop);
        if looks >= LAST_LOOKS {
            return;
        }
        client.clock().sleep(PAUSE).await;
    }
}

fn print(
    name: &str,
    index: usize,
    width: usize,
    event: &Value,
    json: bool,
) -> Result<(), output::Closed> {
    if json {
        let mut event = event.clone();
        event["function"] = name.into();
        return output::line(&event.to_string());
    }
    let label = output::named(&format!("{name:width$}"), index);
    output::line(&format!("{label} {}", logs::text(event)))
}
