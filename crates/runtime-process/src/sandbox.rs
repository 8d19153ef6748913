//! The server's handle of one sandbox.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use runtime::sandbox::{Exit, ExitCause, MemoryGauge, Sandbox, SandboxError};
use tokio::net::{TcpListener, unix::pipe};
use tokio::sync::watch;

use crate::link::{Created, Link};

/// A sandbox made by a helper.
pub(crate) struct ProcessSandbox {
    link: Arc<Link>,
    id: u64,
    runtime_api: Option<TcpListener>,
    platform: Option<TcpListener>,
    tls: Option<TcpListener>,
    output: Option<pipe::Receiver>,
    peak_memory: Option<PathBuf>,
    gone: watch::Receiver<Option<Exit>>,
    /// Its way out, which ends with this.
    _carried: Option<egress::Carried>,
}

impl ProcessSandbox {
    /// A sandbox that is killed when this fails.
    pub(crate) fn new(
        link: Arc<Link>,
        id: u64,
        created: Created,
        output: pipe::Receiver,
        gone: watch::Receiver<Option<Exit>>,
    ) -> Result<Self, SandboxError> {
        let Created { runtime_api, platform, tls, device, peak_memory } = created;
        let carried = link.carry(device).inspect_err(|_| link.kill(id))?;
        Ok(Self {
            link,
            id,
            runtime_api: Some(runtime_api),
            platform: Some(platform),
            tls,
            output: Some(output),
            peak_memory,
            gone,
            _carried: carried,
        })
    }

    async fn gone(&mut self) -> Exit {
        match self.gone.wait_for(Option::is_some).await.ok().and_then(|exit| *exit) {
            Some(exit) => exit,
            // The helper has ended, and the kernel ends all sandboxes of a helper that ends.
            None => Exit { cause: ExitCause::Signal(libc::SIGKILL), out_of_memory: false },
        }
    }
}

impl Sandbox for ProcessSandbox {
    fn runtime_api(&mut self) -> Option<TcpListener> {
        self.runtime_api.take()
    }

    fn platform(&mut self) -> Option<TcpListener> {
        self.platform.take()
    }

    fn platform_over_tls(&mut self) -> Option<TcpListener> {
        self.tls.take()
    }

    fn output(&mut self) -> Option<pipe::Receiver> {
        self.output.take()
    }

    fn memory_gauge(&mut self) -> Option<MemoryGauge> {
        let file = self.peak_memory.take()?;
        Some(Box::new(move || std::fs::read_to_string(&file).ok()?.trim().parse().ok()))
    }

    fn wait(&mut self) -> BoxFuture<'_, Exit> {
        self.gone().boxed()
    }

    fn kill(&mut self) -> BoxFuture<'_, ()> {
        self.link.kill(self.id);
        self.gone().map(drop).boxed()
    }
}

impl Drop for ProcessSandbox {
    fn drop(&mut self) {
        if self.gone.borrow().is_none() {
            self.link.kill(self.id);
        }
    }
}
