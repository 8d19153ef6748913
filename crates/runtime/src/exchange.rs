//! Where an invocation and a runtime's client meet.
//!
//! One side offers an event and waits for its answer; the other asks for the next event and
//! posts the answer. Both may come first. The lock is held for a few instructions only.

use crate::{Invocation, ResponseSink, sandbox::Exit};
use bytes::Bytes;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::{sync::oneshot, time::Instant};
use types::Timestamp;

/// An event on its way to a runtime.
pub(crate) struct Event {
    pub(crate) invocation: Arc<Invocation>,
    pub(crate) deadline: Timestamp,
}

/// What a runtime made of an event.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A result, with its media type.
    Response { body: Bytes, content_type: Option<String>, at: Instant },
    /// A failure that the function reported.
    Error { body: Bytes, error_type: String, at: Instant },
}

impl Answer {
    /// A failure in the words of the platform.
    pub(crate) fn failure(error_type: &str, message: &str) -> Self {
        let body = serde_json::json!({ "errorMessage": message, "errorType": error_type });
        let (body, error_type) = (body.to_string().into(), error_type.to_owned());
        Self::Error { body, error_type, at: Instant::now() }
    }
}

/// How the start of a runtime went.
#[derive(Debug)]
pub(crate) enum Started {
    /// It asked for its first event.
    Ready,
    /// It reported that it cannot start.
    Failed { body: Bytes, error_type: String },
}

/// A request to the Runtime API that its state does not allow, in Lambda's terms.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The id names no running invocation.
    InvalidRequestId,
    /// The runtime may not do this now.
    InvalidState { from: &'static str, to: &'static str },
}

#[derive(Default)]
pub(crate) struct Exchange {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    started: Option<oneshot::Sender<Started>>,
    initialised: bool,
    /// Wakes the request that waits for the next event.
    waiter: Option<oneshot::Sender<()>>,
    current: Option<Current>,
    ended: Option<Exit>,
}

struct Current {
    event: Arc<Event>,
    /// Whether a runtime has taken it.
    delivered: bool,
    /// Whether its response is being streamed.
    streaming: bool,
    answer: oneshot::Sender<Answer>,
}

impl Exchange {
    /// An exchange, and what tells how the start went. It is dropped unsent when the runtime ends.
    pub(crate) fn new() -> (Self, oneshot::Receiver<Started>) {
        let (sender, receiver) = oneshot::channel();
        let state = State { started: Some(sender), ..State::default() };
        (Self { state: Mutex::new(state) }, receiver)
    }

    /// Offers an event. The answer is dropped unsent when the runtime ends; nothing is offered to
    /// one that has ended.
    pub(crate) fn offer(&self, event: Arc<Event>) -> Option<oneshot::Receiver<Answer>> {
        let mut state = self.lock();
        if state.ended.is_some() {
            return None;
        }
        let (answer, receiver) = oneshot::channel();
        state.current = Some(Current { event, delivered: false, streaming: false, answer });
        if let Some(waiter) = state.waiter.take() {
            // A waiter that went away asks again, and finds the event.
            let _ = waiter.send(());
        }
        Some(receiver)
    }

    /// Whether a runtime has taken the event of this id.
    pub(crate) fn withdraw(&self) -> Option<bool> {
        self.lock().current.take().map(|current| current.delivered)
    }

    /// The next event, when there is one.
    pub(crate) async fn next(&self) -> Result<Arc<Event>, Refusal> {
        loop {
            let woken = {
                let mut state = self.lock();
                match state.take_undelivered()? {
                    Some(event) => return Ok(event),
                    None => state.wait(),
                }
            };
            if woken.await.is_err() {
                // A later request took this one's place, or the runtime has ended.
                return Err(Refusal::InvalidState { from: "Ready", to: "Ready" });
            }
        }
    }

    /// Answers the invocation of this id.
    pub(crate) fn answer(
        &self,
        request_id: &str,
        to: &'static str,
        answer: Answer,
    ) -> Result<(), Refusal> {
        let mut state = self.lock();
        state.check(request_id, to)?;
        if let Some(current) = state.current.take() {
            // Nobody waits any longer when the invocation has just timed out.
            let _ = current.answer.send(answer);
        }
        Ok(())
    }

    /// Begins a streamed response to the invocation of this id, where its caller wants one.
    pub(crate) fn begin(
        &self,
        request_id: &str,
        to: &'static str,
    ) -> Result<Option<ResponseSink>, Refusal> {
        let mut state = self.lock();
        state.check(request_id, to)?;
        let Some(current) = &mut state.current else { return Ok(None) };
        let sink = current.event.invocation.sink.clone();
        current.streaming = sink.is_some();
        Ok(sink)
    }

    /// Ends a streamed response.
    pub(crate) fn finish(&self, request_id: &str, answer: Answer) -> Result<(), Refusal> {
        let mut state = self.lock();
        let has_ended = state.ended.is_some();
        let is_it = |current: &mut Current| {
            !has_ended && current.streaming && current.event.invocation.request_id == request_id
        };
        // It may be over already: timed out, or ended with its process.
        let current = state.current.take_if(is_it).ok_or(Refusal::InvalidRequestId)?;
        let _ = current.answer.send(answer);
        Ok(())
    }

    /// Takes a runtime's report that it cannot start.
    pub(crate) fn fail_start(&self, body: Bytes, error_type: String) -> Result<(), Refusal> {
        let mut state = self.lock();
        let from = state.name();
        let sender = state.started.take().ok_or(Refusal::InvalidState { from, to: "InitError" })?;
        let _ = sender.send(Started::Failed { body, error_type });
        Ok(())
    }

    /// Tells both sides that the runtime has ended.
    pub(crate) fn end(&self, exit: Exit) {
        let mut state = self.lock();
        state.ended = Some(exit);
        state.started = None;
        state.waiter = None;
        if let Some(current) = &mut state.current {
            // Dropping the sender wakes the invocation, which still asks whether it was delivered.
            let (closed, _) = oneshot::channel();
            current.answer = closed;
        }
    }

    /// How the runtime ended, if it has.
    pub(crate) fn ended(&self) -> Option<Exit> {
        self.lock().ended
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take_undelivered(&mut self) -> Result<Option<Arc<Event>>, Refusal> {
        if !self.initialised && self.started.is_none() {
            return Err(Refusal::InvalidState { from: "InitError", to: "Ready" });
        }
        self.initialised = true;
        if let Some(started) = self.started.take() {
            let _ = started.send(Started::Ready);
        }
        match &mut self.current {
            Some(current) if current.delivered => {
                Err(Refusal::InvalidState { from: "Running", to: "Ready" })
            }
            Some(current) => {
                current.delivered = true;
                Ok(Some(current.event.clone()))
            }
            None => Ok(None),
        }
    }

    fn wait(&mut self) -> oneshot::Receiver<()> {
        let (waiter, woken) = oneshot::channel();
        if self.ended.is_none() {
            self.waiter = Some(waiter);
        }
        woken
    }

    fn check(&self, request_id: &str, to: &'static str) -> Result<(), Refusal> {
        match &self.current {
            // Whoever offered the event is told of the end, and asks whether it was delivered.
            _ if self.ended.is_some() => Err(Refusal::InvalidState { from: self.name(), to }),
            Some(current) if current.delivered && !current.streaming => {
                if current.event.invocation.request_id == request_id {
                    Ok(())
                } else {
                    Err(Refusal::InvalidRequestId)
                }
            }
            _ => Err(Refusal::InvalidState { from: self.name(), to }),
        }
    }

    /// The state's name in Lambda's error messages.
    fn name(&self) -> &'static str {
        match (&self.current, &self.waiter) {
            _ if !self.initialised => "Started",
            (Some(current), _) if current.streaming => "InvocationResponse",
            (Some(current), _) if current.delivered => "Running",
            (_, Some(_)) => "Ready",
            _ => "ResponseSent",
        }
    }
}
