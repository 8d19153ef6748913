//! The extensions of one instance: programs beside the runtime that follow its life.
//!
//! Contract: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>. External
//! ones are the executable files in `/opt/extensions`, started before the runtime; internal ones
//! are parts of the runtime's own process. Both register, and then ask for one event after another.

use crate::{
    Invocation,
    config::{MAX_EXTENSIONS, MAX_SHUTDOWN},
};
use bytes::Bytes;
use clock::Ids;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::VecDeque, os::unix::fs::PermissionsExt, path::Path, sync::Arc, time::Duration,
};
use tokio::sync::watch;
use types::Timestamp;

/// What an extension can ask to be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Subscription {
    Invoke,
    Shutdown,
}

/// Why an extension's request is refused: a type and a text, in Lambda's words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) &'static str, pub(crate) String);

pub(crate) struct Extensions {
    /// The external ones that were started, which must all register.
    started: Vec<String>,
    ids: Arc<Ids>,
    state: watch::Sender<State>,
}

#[derive(Default)]
struct State {
    all: Vec<Extension>,
    /// Whether the instance is ready: nobody registers any more.
    is_closed: bool,
    has_failed: bool,
    /// Why the instance ends.
    reason: Option<&'static str>,
}

struct Extension {
    id: String,
    name: String,
    subscriptions: Vec<Subscription>,
    /// Whether it has asked for its first event.
    is_ready: bool,
    /// Whether it waits for an event: it is done with those before.
    is_waiting: bool,
    events: VecDeque<Bytes>,
}

/// The names of the external extensions in a folder of layers.
pub(crate) fn in_layers(layers: Option<&Path>) -> Vec<String> {
    let Some(Ok(entries)) = layers.map(|layers| layers.join("extensions").read_dir()) else {
        return Vec::new();
    };
    let is_program = |path: &Path| {
        path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
    };
    let programs = entries.flatten().filter(|entry| is_program(&entry.path()));
    programs.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// What starts the extensions beside a program: each of them, and then the program in the place of
/// the shell. An extension that fails takes the program with it.
const START: &str = "for extension in /opt/extensions/*; do \
                     if [ -f \"$extension\" ] && [ -x \"$extension\" ]; then \
                     (\"$extension\" || kill -KILL $$) & fi; done; exec \"$@\"";

/// The arguments that start the extensions and then `argv`.
pub(crate) fn beside(argv: Vec<String>) -> Vec<String> {
    let shell = ["/bin/sh", "-c", START, "sh"].map(str::to_owned);
    shell.into_iter().chain(argv).collect()
}

impl Extensions {
    pub(crate) fn new(started: Vec<String>, ids: Arc<Ids>) -> Self {
        Self { started, ids, state: watch::Sender::default() }
    }

    /// A new identifier of an event.
    pub(crate) fn event_id(&self) -> String {
        self.ids.uuid().to_string()
    }

    /// Whether programs were started beside the runtime.
    pub(crate) fn are_external(&self) -> bool {
        !self.started.is_empty()
    }

    /// Registers an extension: its identifier.
    pub(crate) fn register(
        &self,
        name: &str,
        subscriptions: Vec<Subscription>,
    ) -> Result<String, Refused> {
        let is_external = self.started.iter().any(|started| started == name);
        if !is_external && subscriptions.contains(&Subscription::Shutdown) {
            let text = "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension";
            return Err(Refused("Extension.InvalidEventType", text.to_owned()));
        }
        let id = self.ids.uuid().to_string();
        let mut refused = None;
        self.state.send_modify(|state| match state.check(name) {
            Err(error) => refused = Some(error),
            Ok(()) => state.all.push(Extension {
                id: id.clone(),
                name: name.to_owned(),
                subscriptions,
                is_ready: false,
                is_waiting: false,
                events: VecDeque::new(),
            }),
        });
        refused.map_or(Ok(id), Err)
    }

    /// The next event for an extension, when there is one.
    pub(crate) async fn next(&self, id: &str) -> Result<Bytes, Refused> {
        let mut changes = self.state.subscribe();
        loop {
            let mut found = None;
            self.state.send_if_modified(|state| {
                let Some(extension) = state.all.iter_mut().find(|it| it.id == id) else {
                    found = Some(Err(unknown(id)));
                    return false;
                };
                let event = extension.events.pop_front();
                let was = (extension.is_ready, extension.is_waiting);
                (extension.is_ready, extension.is_waiting) = (true, event.is_none());
                let has_changed = was != (extension.is_ready, extension.is_waiting);
                found = event.map(Ok);
                has_changed
            });
            if let Some(found) = found {
                return found;
            }
            // The channel is this extension's own side's too, so it cannot be closed.
            let has_event =
                |state: &State| state.all.iter().any(|it| it.id == id && !it.events.is_empty());
            let _ = changes.wait_for(has_event).await;
        }
    }

    /// Takes the report of an extension that it cannot go on.
    pub(crate) fn fail(&self, id: &str) -> Result<(), Refused> {
        let mut is_known = false;
        self.state.send_modify(|state| {
            is_known = state.all.iter().any(|it| it.id == id);
            state.has_failed |= is_known;
        });
        if is_known { Ok(()) } else { Err(unknown(id)) }
    }

    /// Waits until all extensions have registered and asked for their first event. None can
    /// register afterwards.
    pub(crate) async fn initialised(&self) {
        let is_ready = |state: &State| {
            let has = |name: &String| state.all.iter().any(|it| it.name == *name);
            self.started.iter().all(has) && state.all.iter().all(|it| it.is_ready)
        };
        let _ = self.state.subscribe().wait_for(is_ready).await;
        self.state.send_if_modified(|state| !std::mem::replace(&mut state.is_closed, true));
    }

    /// Tells of an invocation.
    pub(crate) fn invoke(&self, invocation: &Invocation, deadline: Timestamp) {
        self.tell(Subscription::Invoke, || {
            json!({
                "eventType": "INVOKE",
                "deadlineMs": deadline.as_millis(),
                "requestId": invocation.request_id,
                "invokedFunctionArn": invocation.invoked_arn,
                "tracing": {"type": "X-Amzn-Trace-Id", "value": invocation.trace_id},
            })
        });
    }

    /// Whether all extensions are done with what they were told.
    pub(crate) fn are_settled(&self) -> bool {
        self.state.borrow().is_settled()
    }

    /// Waits until all extensions are done with what they were told, or one cannot go on.
    pub(crate) async fn settled(&self) {
        let is_over = |state: &State| state.is_settled() || state.has_failed;
        let _ = self.state.subscribe().wait_for(is_over).await;
    }

    /// Whether one has reported that it cannot go on.
    pub(crate) fn have_failed(&self) -> bool {
        self.state.borrow().has_failed
    }

    /// Notes why the instance is going to end, if that is not for want of work.
    pub(crate) fn ends_because(&self, reason: &'static str) {
        self.state.send_modify(|state| state.reason = Some(reason));
    }

    /// Tells of the end; how long it may take. Without one that wants to know it takes no time.
    pub(crate) fn shut_down(&self, now: Timestamp) -> Duration {
        let state = self.state.borrow();
        if !state.all.iter().any(|it| it.subscriptions.contains(&Subscription::Shutdown)) {
            return Duration::ZERO;
        }
        let (patience, reason) = (MAX_SHUTDOWN, state.reason.unwrap_or("spindown"));
        drop(state);
        self.tell(Subscription::Shutdown, || {
            json!({
                "eventType": "SHUTDOWN",
                "shutdownReason": reason,
                "deadlineMs": (now + patience).as_millis(),
            })
        });
        patience
    }

    fn tell(&self, what: Subscription, event: impl Fn() -> Value) {
        self.state.send_if_modified(|state| {
            let told = state.all.iter_mut().filter(|it| it.subscriptions.contains(&what));
            let mut count = 0;
            for extension in told {
                extension.events.push_back(event().to_string().into());
                count += 1;
            }
            count > 0
        });
    }
}

impl State {
    /// Whether one of this name may register.
    fn check(&self, name: &str) -> Result<(), Refused> {
        let state = "Extension.InvalidExtensionState";
        if self.is_closed {
            let text = "Extension registration closed already";
            return Err(Refused("Extension.RegistrationClosed", text.to_owned()));
        }
        if self.all.iter().any(|it| it.name == name) {
            return Err(Refused(state, "Extension with this name already registered".to_owned()));
        }
        if self.all.len() >= MAX_EXTENSIONS {
            let text = format!("Extension limit ({MAX_EXTENSIONS}) reached");
            return Err(Refused("Extension.TooManyExtensions", text));
        }
        Ok(())
    }

    fn is_settled(&self) -> bool {
        self.all.iter().all(|it| {
            it.events.is_empty()
                && (it.is_waiting || !it.subscriptions.contains(&Subscription::Invoke))
        })
    }
}

fn unknown(id: &str) -> Refused {
    Refused("Extension.UnknownExtensionIdentifier", format!("Unknown extension {id}"))
}
