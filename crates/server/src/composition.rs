//! All services together in one process, with a manual clock and without functions that run.

mod meddler;
mod rollback;
mod secrets;
mod stored;
mod tls;
mod world;

use crate::services::Parts;
use blob::Blobs;
use futures_util::future::BoxFuture;
use runtime::{
    InstanceSpec, Interpreters, Launch, LaunchError, LogSink,
    sandbox::{Isolation, Sandbox, SandboxError, SandboxSpec, Sandboxes},
};
use service::Platform;
use std::{path::Path, sync::Arc};
use tokio::net::TcpListener;
use types::Timestamp;

/// What services without running functions are built from.
pub(crate) fn parts(platform: Arc<Platform>, data: &Path) -> Parts {
    let store = platform.store.clone();
    Parts {
        platform,
        blobs: Blobs::local(store, service::tag::BLOB, &data.join("blobs"))
            .unwrap()
            .with_master_key(&[0; 32], clock::Ids::from_seed(11)),
        master_key: [0; 32],
        folder: data.to_owned(),
        sandboxes: Arc::new(Unused),
        interpreters: Arc::new(Unused),
        stand_ins: Arc::new(|_: &str| None),
        pools: runtime::PoolsConfig::default(),
        logs: Arc::new(Unused),
        inner_endpoint: Arc::new(Unused),
    }
}

/// The ports of functions, none of which runs here.
struct Unused;

const NOTHING_RUNS: &str = "no function runs in this test";

impl Sandboxes for Unused {
    fn create(&self, _: SandboxSpec) -> BoxFuture<'_, Result<Box<dyn Sandbox>, SandboxError>> {
        panic!("{NOTHING_RUNS}")
    }

    fn isolation(&self) -> &Isolation {
        panic!("{NOTHING_RUNS}")
    }
}

impl Interpreters for Unused {
    fn resolve(&self, _: &InstanceSpec) -> Result<Launch, LaunchError> {
        panic!("{NOTHING_RUNS}")
    }
}

impl LogSink for Unused {
    fn write(&self, _: &runtime::LogStream, _: Vec<(Timestamp, String)>) {
        panic!("{NOTHING_RUNS}")
    }
}

impl runtime::Platform for Unused {
    fn serve(&self, _: TcpListener) -> BoxFuture<'static, ()> {
        panic!("{NOTHING_RUNS}")
    }
}
