//! The gateway of all sandboxes, and the loop that serves one of them.

mod driver;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Notify, Semaphore};
use tokio::task::AbortHandle;

use crate::limits::ALL_FLOWS;
use crate::names::{self, Names};
use crate::packets::{self, Unreachable};
use crate::stack::Stack;
use crate::{GATEWAY, Reach, host};
use driver::Driver;

/// The host's end of a sandbox's device: whole IPv4 packets, one at a time.
pub trait Wire: Send + Sync + 'static {
    /// Waits until there may be a packet.
    ///
    /// # Errors
    /// The device is gone.
    fn readable(&self) -> impl Future<Output = io::Result<()>> + Send;

    /// Takes a packet if there is one; its length.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`], or the device is gone.
    fn try_receive(&self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Sends a packet to the sandbox, or loses it.
    ///
    /// # Errors
    /// It is lost.
    fn send(&self, packet: &[u8]) -> io::Result<()>;
}

/// Carries what sandboxes send out, on a thread of its own.
pub struct Gateway {
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
    rules: Arc<Rules>,
}

/// What holds for all sandboxes.
struct Rules {
    is_allowed: Box<dyn Fn(Ipv4Addr) -> bool + Send + Sync>,
    names: Names,
    all: Arc<Semaphore>,
}

/// A sandbox that is served, until this is dropped. Its connections end with it.
pub struct Carried(AbortHandle);

impl Drop for Carried {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Gateway {
    /// Starts the thread. `resolv_conf` names the servers that answer for names; it is that of the
    /// host, usually `/etc/resolv.conf`.
    ///
    /// # Errors
    /// The system's.
    pub fn start(reach: Reach, resolv_conf: PathBuf) -> io::Result<Self> {
        let is_allowed = move |address| reach.allows(address) && host::leads_out(address);
        Self::start_with(Box::new(is_allowed), Names(resolv_conf))
    }

    fn start_with(
        is_allowed: Box<dyn Fn(Ipv4Addr) -> bool + Send + Sync>,
        names: Names,
    ) -> io::Result<Self> {
        let mut builder = Builder::new_multi_thread();
        let builder = builder.worker_threads(1).max_blocking_threads(1).thread_name("egress");
        let runtime = builder.enable_io().enable_time().build()?;
        let rules = Rules { is_allowed, names, all: Arc::new(Semaphore::new(ALL_FLOWS)) };
        Ok(Self { runtime: Some(runtime), rules: Arc::new(rules) })
    }

    /// Serves a sandbox. `open` makes the wire of it; it is called on this thread, with the event
    /// loop at hand that will watch the wire.
    ///
    /// # Errors
    /// What `open` says.
    pub fn carry<W: Wire>(&self, open: impl FnOnce() -> io::Result<W>) -> io::Result<Carried> {
        let runtime = self.runtime.as_ref().expect("it is there until it is dropped");
        let wire = {
            let _inside = runtime.enter();
            Arc::new(open()?)
        };
        let shared = Shared {
            stack: Mutex::new(Stack::new(Arc::clone(&wire))),
            work: Notify::new(),
            wire,
            rules: Arc::clone(&self.rules),
        };
        Ok(Carried(runtime.spawn(Driver::new(Arc::new(shared)).run()).abort_handle()))
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may be dropped on a thread that must not wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// What the loop of one sandbox and its connections share.
pub(crate) struct Shared<W> {
    pub(crate) wire: Arc<W>,
    /// There is something to send.
    pub(crate) work: Notify,
    stack: Mutex<Stack<W>>,
    rules: Arc<Rules>,
}

impl<W: Wire> Shared<W> {
    pub(crate) fn stack(&self) -> MutexGuard<'_, Stack<W>> {
        // One sandbox's own; whatever it holds after a panic, it harms no other.
        self.stack.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the sandbox that a packet of it went nowhere.
    pub(crate) fn tell(&self, packet: &[u8], why: Unreachable) {
        if let Some(told) = packets::unreachable(packet, why) {
            // It is only advice.
            let _ = self.wire.send(&told);
        }
    }

    /// Where an address inside leads; `None` if it is not allowed.
    fn destination(&self, outside: SocketAddrV4) -> Option<Vec<SocketAddr>> {
        if is_for_names(outside) {
            return Some(self.rules.names.servers());
        }
        (self.rules.is_allowed)(*outside.ip()).then(|| vec![outside.into()])
    }
}

/// Whether an address is where names are asked for.
fn is_for_names(outside: SocketAddrV4) -> bool {
    outside == SocketAddrV4::new(GATEWAY, names::PORT)
}
