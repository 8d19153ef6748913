//! Calls between services of which one goes wrong.

use bytes::Bytes;
use dispatch::Dispatcher;
use futures_util::future::BoxFuture;
use serde_json::Value;
use service::{Caller, Calls, Fault};
use std::sync::{Arc, Mutex};

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mishap {
    /// It is refused, and nothing happens.
    Refused,
    /// It happens, but the answer is lost.
    Lost,
}

/// Passes calls on. One of them can go wrong.
pub(super) struct Meddler {
    dispatcher: Arc<Dispatcher>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The calls since the last [`Meddler::arm`].
    made: Vec<String>,
    /// Which of them goes wrong.
    mishap: Option<(usize, Mishap)>,
    /// What functions were given since somebody asked.
    events: Vec<Bytes>,
}

impl Meddler {
    pub(super) fn new(dispatcher: Arc<Dispatcher>) -> Self {
        Self { dispatcher, state: Mutex::default() }
    }

    /// From now on the calls are counted, and the one of this number, from 0, goes wrong.
    pub(super) fn arm(&self, number: usize, mishap: Mishap) {
        let mut state = self.state.lock().unwrap();
        (state.made, state.mishap) = (Vec::new(), Some((number, mishap)));
    }

    /// The events that functions were given since the last question.
    pub(super) fn events(&self) -> Vec<Bytes> {
        std::mem::take(&mut self.state.lock().unwrap().events)
    }

    /// The calls since it was armed.
    pub(super) fn made(&self) -> Vec<String> {
        self.state.lock().unwrap().made.clone()
    }

    fn mishap(&self, call: String) -> Option<Mishap> {
        let mut state = self.state.lock().unwrap();
        let number = state.made.len();
        state.made.push(call);
        state.mishap.filter(|(at, _)| *at == number).map(|(_, mishap)| mishap)
    }
}

impl Calls for Meddler {
    fn call<'a>(
        &'a self,
        caller: &'a Caller,
        service: &'a str,
        operation: &'a str,
        input: Value,
    ) -> BoxFuture<'a, Result<Value, Fault>> {
        Box::pin(async move {
            let mishap = self.mishap(format!("{operation} {input}"));
            let answer = self.dispatcher.call(caller, service, operation, input);
            meddle(mishap, operation, answer).await
        })
    }

    fn call_with_body<'a>(
        &'a self,
        caller: &'a Caller,
        service: &'a str,
        operation: &'a str,
        input: Value,
        body: Bytes,
        limit: usize,
    ) -> BoxFuture<'a, Result<(Value, Bytes), Fault>> {
        Box::pin(async move {
            let mishap = self.mishap(format!("{operation} {input}"));
            let dispatcher = &self.dispatcher;
            let answer: BoxFuture<'_, _> = Box::pin(async move {
                let event = (operation == "Invoke").then(|| body.clone());
                let answer =
                    dispatcher.call_with_body(caller, service, operation, input, body, limit);
                let answer = answer.await?;
                self.state.lock().unwrap().events.extend(event);
                Ok(answer)
            });
            meddle(mishap, operation, answer).await
        })
    }
}

async fn meddle<T>(
    mishap: Option<Mishap>,
    operation: &str,
    answer: BoxFuture<'_, Result<T, Fault>>,
) -> Result<T, Fault> {
    if mishap == Some(Mishap::Refused) {
        return Err(Fault::sender("InjectedFailure", format!("{operation} was told to fail")));
    }
    let answer = answer.await;
    match mishap {
        Some(Mishap::Lost) => Err(Fault::internal("the answer was told to get lost")),
        _ => answer,
    }
}
