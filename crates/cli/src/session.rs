//! What one run of a command works with.

use crate::{access::Access, access::DEFAULT_DATA, arguments::Global, error::Error, stop::Stop};
use client::Client;
use clock::SystemClock;
use std::{future::Future, path::PathBuf, sync::Arc};
use tokio::runtime::Runtime;

/// The options that every command has, and the way to the installation.
pub(crate) struct Session {
    pub(crate) global: Global,
    stop: Option<Stop>,
}

impl Session {
    pub(crate) fn new(global: Global) -> Self {
        Self { global, stop: None }
    }

    /// The same for a command that may be told to stop.
    pub(crate) fn until(&self, stop: Stop) -> Self {
        Self { global: self.global.clone(), stop: Some(stop) }
    }

    /// Whether the result is for programs.
    pub(crate) fn json(&self) -> bool {
        self.global.json
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.global.data.clone().unwrap_or_else(|| DEFAULT_DATA.into())
    }

    /// A client of the installation.
    pub(crate) fn client(&self) -> Result<Client, Error> {
        let access = Access::find(&self.global)?;
        let clock = Arc::new(SystemClock::default());
        Ok(Client::new(&access.endpoint, access.credentials, &access.region, clock)?)
    }

    /// Runs a future on this thread.
    pub(crate) fn block_on<T>(
        &self,
        future: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        event_loop()?.block_on(future)
    }

    /// A future that may take long, which ends with an error once the command is to stop.
    pub(crate) async fn unless_stopped<T>(
        &self,
        future: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let Some(stop) = &self.stop else { return future.await };
        tokio::select! {
            biased;
            () = stop.wished() => Err(Error::new("stopped")),
            done = future => done,
        }
    }
}

/// What runs futures on one thread.
pub(crate) fn event_loop() -> Result<Runtime, Error> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|error| Error::new(format!("the event loop does not start: {error}")))
}
