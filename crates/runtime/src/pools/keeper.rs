//! Starts the instances that are kept ready, and replaces those that end or grow old.

use super::{Inner, book::Ahead};
use crate::instance::{Birth, Instance, StartError};
use clock::SharedClock;
use std::sync::{Arc, Weak};
use tokio::sync::Notify;

/// Why none is ready when the function's own code cannot start, in Lambda's words.
const INIT_FAILURE: &str = "FUNCTION_ERROR_INIT_FAILURE";

/// Looks after them whenever something has changed. Ends with the pools.
pub(super) async fn run(pools: Weak<Inner>, clock: SharedClock, changed: Arc<Notify>) {
    loop {
        let next = {
            let Some(inner) = pools.upgrade() else { return };
            let mut book = inner.book();
            if book.is_closed() {
                return;
            }
            let work = book.keep(clock.now(), &inner.config);
            drop(book);
            for ahead in work.starts {
                tokio::spawn(Start::new(inner.clone(), ahead).run());
            }
            work.next
        };
        match next {
            Some(at) => tokio::select! {
                () = changed.notified() => {}
                () = clock.sleep_until(at) => {}
            },
            None => changed.notified().await,
        }
    }
}

/// One that is being started. Its end is noted when it is dropped, so that its place is never lost.
struct Start {
    inner: Arc<Inner>,
    ahead: Ahead,
    end: End,
}

enum End {
    Ready(Arc<Instance>),
    /// Nobody wants it any more.
    Unwanted,
    Failed(String),
}

impl Start {
    fn new(inner: Arc<Inner>, ahead: Ahead) -> Self {
        Self { inner, ahead, end: End::Failed("an internal error".to_owned()) }
    }

    async fn run(mut self) {
        let spec = self.ahead.spec.clone();
        // Calls that wait for an instance of the function have a turn of their own.
        let turn = self.inner.starts.take(&format!("{} ahead", spec.key.function_arn)).await;
        if !self.inner.book().is_wanted_ahead(&spec.key) {
            self.end = End::Unwanted;
            return;
        }
        let (inner, id) = (self.inner.clone(), self.ahead.id);
        let (weak, key) = (Arc::downgrade(&inner), spec.key.clone());
        let birth = Birth {
            id,
            spec: &spec,
            invocation: None,
            again: None,
            on_running: &|instance| inner.book().register(instance),
            on_end: Box::new(move || {
                if let Some(inner) = weak.upgrade() {
                    let now = inner.starter.clock.now();
                    inner.book().forget_provisioned(&key, id, now);
                    inner.changed();
                }
            }),
        };
        let started = inner.starter.start(birth).await;
        drop(turn);
        self.end = match started {
            Ok((instance, _)) => End::Ready(instance),
            Err(StartError::Function(_) | StartError::TimedOut(_)) => {
                End::Failed(INIT_FAILURE.to_owned())
            }
            Err(StartError::Platform(error)) => End::Failed(error.to_string()),
        };
    }
}

impl Drop for Start {
    fn drop(&mut self) {
        let (key, now) = (&self.ahead.spec.key, self.inner.starter.clock.now());
        let end = std::mem::replace(&mut self.end, End::Unwanted);
        let mut book = self.inner.book();
        match end {
            End::Ready(instance) => book.started_ahead(key, instance),
            End::Unwanted => book.failed_ahead(key, None, now),
            End::Failed(why) => {
                let (function, version) = (&key.function_arn, &key.version);
                tracing::warn!(function, version, why, "an instance cannot be kept ready");
                book.failed_ahead(key, Some(why), now);
            }
        }
        drop(book);
        self.inner.changed();
    }
}
