//! What one run of a command works with.

use crate::{access::Access, access::DEFAULT_DATA, arguments::Global, error::Error};
use client::Client;
use clock::SystemClock;
use std::{future::Future, path::PathBuf, sync::Arc};

/// The options that every command has, and the way to the installation.
pub(crate) struct Session {
    pub(crate) global: Global,
}

impl Session {
    pub(crate) fn new(global: Global) -> Self {
        Self { global }
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
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::new(format!("the event loop does not start: {error}")))?;
        runtime.block_on(future)
    }
}
