//! The server's side of one helper process.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use runtime::sandbox::{Exit, Isolation, SandboxError};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::AbortHandle;
use tokio::time::timeout;

use crate::channel;
use crate::parking::Parking;
use crate::parts;
use crate::protocol::{Ahead, Configuration, Event, Failure, Limits, Request};
use crate::settings::{HELPER_ARGUMENT, START_TIMEOUT, Settings, TLS_ADDRESS};
use crate::way_out;
use crate::zygotes::Zygotes;

/// A running helper. When the last of its handles is dropped, it and its sandboxes end.
pub(crate) struct Link {
    requests: mpsc::UnboundedSender<Outgoing>,
    table: Arc<Table>,
    next_id: AtomicU64,
    tasks: [AbortHandle; 2],
    pub(crate) isolation: Isolation,
    pub(crate) zygotes: Zygotes,
    /// Programs that were started ahead of need.
    pub(crate) parking: Arc<Parking>,
    /// Sandboxes that were made ahead of need, without a program.
    pub(crate) ready: Arc<Parking>,
    way_out: Option<Arc<egress::Gateway>>,
}

type Outgoing = (Request, Vec<OwnedFd>);

/// What the server waits for, by sandbox. `None` once the helper has gone.
struct Table(Mutex<Option<HashMap<u64, Entry>>>);

enum Entry {
    Sandbox(SandboxEntry),
    /// Told when it is loaded, and dropped when it has ended.
    Zygote(watch::Sender<bool>),
}

struct SandboxEntry {
    created: Option<oneshot::Sender<Result<Created, Failure>>>,
    furnished: Option<oneshot::Sender<Result<(), Failure>>>,
    gone: watch::Sender<Option<Exit>>,
}

/// What the server has of a sandbox that runs.
pub(crate) struct Created {
    pub(crate) runtime_api: TcpListener,
    pub(crate) platform: TcpListener,
    pub(crate) tls: Option<TcpListener>,
    pub(crate) device: Option<OwnedFd>,
    pub(crate) peak_memory: Option<PathBuf>,
}

/// A sandbox that has been asked for.
pub(crate) struct Pending {
    pub(crate) id: u64,
    pub(crate) created: oneshot::Receiver<Result<Created, Failure>>,
    /// Its exit, when everything is gone. The sender is dropped when the helper is.
    pub(crate) gone: watch::Receiver<Option<Exit>>,
}

impl Link {
    /// Starts a helper and learns what isolation it achieves.
    pub(crate) async fn open(
        settings: &Settings,
        way_out: Option<&Arc<egress::Gateway>>,
    ) -> Result<Arc<Self>, SandboxError> {
        let (ours, theirs) = channel::pair().map_err(start_error("make a socket"))?;
        let child = spawn(settings, theirs).map_err(start_error("start the sandbox helper"))?;
        rustix::io::ioctl_fionbio(&ours, true).map_err(start_error("make a socket"))?;
        let socket =
            crate::sys::async_fd(ours).map_err(start_error("watch the helper's socket"))?;
        let configure = Request::Configure(configuration(settings)?);
        send(&socket, &configure, &[]).await.map_err(start_error("configure the helper"))?;
        let Ok(ready) = timeout(START_TIMEOUT, receive(&socket)).await else {
            return Err(start_error("hear the helper")("it took too long"));
        };
        let ready = ready.map_err(start_error("hear the helper"))?;
        let Some((Event::Ready { lacks, root, no_egress }, _)) = ready else {
            return Err(start_error("hear the helper")("it ended"));
        };
        no_egress.map_or(Ok(()), |detail| Err(way_out::missing(&detail)))?;
        let isolation = parts::isolation(&lacks, root);
        Ok(Arc::new(Self::run(socket, child, isolation, way_out.cloned())))
    }

    fn run(
        socket: AsyncFd<OwnedFd>,
        child: Child,
        isolation: Isolation,
        way_out: Option<Arc<egress::Gateway>>,
    ) -> Self {
        let socket = Arc::new(socket);
        let table = Arc::new(Table(Mutex::new(Some(HashMap::new()))));
        let (requests, outgoing) = mpsc::unbounded_channel();
        let writer = tokio::spawn(write_requests(Arc::clone(&socket), outgoing));
        let hearing = hear(socket, Arc::clone(&table), requests.downgrade(), child);
        let reader = tokio::spawn(hearing);
        let tasks = [writer.abort_handle(), reader.abort_handle()];
        Self {
            requests,
            table,
            next_id: AtomicU64::new(1),
            tasks,
            isolation,
            zygotes: Zygotes::default(),
            parking: Arc::default(),
            ready: Arc::default(),
            way_out,
        }
    }

    /// Serves the way out of a sandbox that has one, until what this gives is dropped.
    pub(crate) fn carry(
        &self,
        device: Option<OwnedFd>,
    ) -> Result<Option<egress::Carried>, SandboxError> {
        let both = self.way_out.as_ref().zip(device);
        let carried = both.map(|(gateway, device)| way_out::carry(gateway, device)).transpose();
        carried.map_err(start_error("serve the way out"))
    }

    /// Asks for a sandbox with its program, or with one that is forked from this zygote; the
    /// descriptors are the plan and the output.
    pub(crate) fn create(
        &self,
        limits: Limits,
        zygote: Option<u64>,
        fds: Vec<OwnedFd>,
    ) -> Result<Pending, SandboxError> {
        self.request(|id| Request::Create { id, limits, zygote, ahead: Ahead::No }, fds)
    }

    /// Asks for a sandbox that waits for [`Link::furnish`].
    pub(crate) fn make_ahead(
        &self,
        limits: Limits,
        ahead: Ahead,
        fds: Vec<OwnedFd>,
    ) -> Result<Pending, SandboxError> {
        self.request(|id| Request::Create { id, limits, zygote: None, ahead }, fds)
    }

    fn request(
        &self,
        request: impl FnOnce(u64) -> Request,
        fds: Vec<OwnedFd>,
    ) -> Result<Pending, SandboxError> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (tell_created, created) = oneshot::channel();
        let (tell_gone, gone) = watch::channel(None);
        let entry = SandboxEntry { created: Some(tell_created), furnished: None, gone: tell_gone };
        self.ask(id, Entry::Sandbox(entry), request(id), fds)?;
        Ok(Pending { id, created, gone })
    }

    /// Gives a sandbox that was made ahead of need what it waits for; with a zygote, its program is
    /// forked from that one. What comes back tells when it has it; its sender is
    /// dropped when the sandbox has ended.
    pub(crate) fn furnish(
        &self,
        id: u64,
        zygote: Option<u64>,
        plan: OwnedFd,
    ) -> Result<oneshot::Receiver<Result<(), Failure>>, SandboxError> {
        let (tell, furnished) = oneshot::channel();
        match self.table.lock().as_mut().ok_or_else(helper_gone)?.get_mut(&id) {
            Some(Entry::Sandbox(entry)) => entry.furnished = Some(tell),
            // It has ended.
            _ => return Ok(furnished),
        }
        self.requests
            .send((Request::Furnish { id, zygote }, vec![plan]))
            .map(|()| furnished)
            .map_err(|_| helper_gone())
    }

    /// Asks for a zygote; the descriptor is its plan. What comes back turns true when it is
    /// loaded, and its sender is dropped when it has ended.
    pub(crate) fn zygote(
        &self,
        limits: Limits,
        plan: OwnedFd,
    ) -> Result<(u64, watch::Receiver<bool>), SandboxError> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (tell, loaded) = watch::channel(false);
        self.ask(id, Entry::Zygote(tell), Request::Zygote { id, limits }, vec![plan])?;
        Ok((id, loaded))
    }

    fn ask(
        &self,
        id: u64,
        entry: Entry,
        request: Request,
        fds: Vec<OwnedFd>,
    ) -> Result<(), SandboxError> {
        match self.table.lock().as_mut() {
            Some(entries) => entries.insert(id, entry),
            None => return Err(helper_gone()),
        };
        self.requests.send((request, fds)).map_err(|_| helper_gone())
    }

    /// Asks for the end of a sandbox or zygote.
    pub(crate) fn kill(&self, id: u64) {
        // Without a helper there is no sandbox either.
        let _ = self.requests.send((Request::Kill { id }, Vec::new()));
    }

    /// Whether the helper runs.
    pub(crate) fn is_open(&self) -> bool {
        self.table.lock().is_some()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        self.parking.close();
        self.ready.close();
    }
}

impl Table {
    fn lock(&self) -> MutexGuard<'_, Option<HashMap<u64, Entry>>> {
        // The map is whole between any two of its operations.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The error of a failed step, from what the system said.
pub(crate) fn start_error<E: ToString>(step: &str) -> impl FnOnce(E) -> SandboxError + '_ {
    move |error| SandboxError::Start { step: step.to_owned(), detail: error.to_string() }
}

pub(crate) fn helper_gone() -> SandboxError {
    start_error("reach the sandbox helper")("it has ended")
}

/// The socket becomes the helper's standard input, so that nothing else needs to be inherited.
fn spawn(settings: &Settings, socket: OwnedFd) -> io::Result<Child> {
    Command::new(&settings.helper)
        .arg(HELPER_ARGUMENT)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(socket))
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
}

fn configuration(settings: &Settings) -> Result<Configuration, SandboxError> {
    let platform = &settings.platform;
    let literal = platform.host.trim_start_matches('[').trim_end_matches(']');
    let (address, name) = match literal.parse::<IpAddr>() {
        Ok(address) => (address, None),
        Err(_) => (IpAddr::from([127, 0, 0, 1]), Some(platform.host.clone())),
    };
    let port = platform.port;
    if port == crate::RUNTIME_API_PORT && address == IpAddr::from([127, 0, 0, 1]) {
        let what = format!("port {port} of 127.0.0.1 is the Runtime API's inside a sandbox");
        return Err(start_error("choose the platform's address")(what));
    }
    if name.as_deref().is_some_and(|name| name.is_empty() || name.contains(char::is_whitespace)) {
        let what = format!("{:?} is not a host name", platform.host);
        return Err(start_error("choose the platform's address")(what));
    }
    let tls = settings.tls.clone();
    if tls.is_some() && SocketAddr::new(address, port) == TLS_ADDRESS {
        let what = format!("{TLS_ADDRESS} is the platform's over TLS inside a sandbox");
        return Err(start_error("choose the platform's address")(what));
    }
    Ok(Configuration { address, port, name, tls, egress: !settings.egress.is_empty() })
}

async fn send(socket: &AsyncFd<OwnedFd>, request: &Request, fds: &[OwnedFd]) -> io::Result<()> {
    let fds: Vec<_> = fds.iter().map(AsFd::as_fd).collect();
    socket.async_io(Interest::WRITABLE, |socket| channel::send(socket.as_fd(), request, &fds)).await
}

async fn receive(socket: &AsyncFd<OwnedFd>) -> io::Result<Option<(Event, Vec<OwnedFd>)>> {
    socket.async_io(Interest::READABLE, |socket| channel::receive(socket.as_fd())).await
}

async fn write_requests(
    socket: Arc<AsyncFd<OwnedFd>>,
    mut outgoing: mpsc::UnboundedReceiver<Outgoing>,
) {
    while let Some((request, fds)) = outgoing.recv().await {
        if let Err(error) = send(&socket, &request, &fds).await {
            // The reader sees the same end and tells everybody.
            tracing::warn!(%error, "the sandbox helper does not take requests");
            return;
        }
    }
}

/// Hears events until the helper has gone.
async fn hear(
    socket: Arc<AsyncFd<OwnedFd>>,
    table: Arc<Table>,
    requests: mpsc::WeakUnboundedSender<Outgoing>,
    mut child: Child,
) {
    loop {
        match receive(&socket).await {
            Ok(Some((event, fds))) => {
                if let (Some(id), Some(requests)) = (table.take(event, fds), requests.upgrade()) {
                    let _ = requests.send((Request::Kill { id }, Vec::new()));
                }
            }
            Ok(None) => break,
            Err(error) => {
                tracing::error!(%error, "the sandbox helper cannot be understood");
                break;
            }
        }
    }
    // Everybody who waits learns it from the senders that are dropped here.
    table.lock().take();
    drop(socket);
    let status = child.wait().await;
    tracing::error!(?status, "the sandbox helper has ended, and every sandbox with it");
}

impl Table {
    /// Tells who waits for this event; returns the id of a new sandbox that nobody waits for.
    fn take(&self, event: Event, fds: Vec<OwnedFd>) -> Option<u64> {
        let mut table = self.lock();
        let entries = table.as_mut()?;
        match event {
            Event::Ready { .. } => None,
            Event::Created { id, peak_memory, tls } => {
                let Entry::Sandbox(entry) = entries.get_mut(&id)? else { return None };
                let waiting = entry.created.take()?;
                let unwanted = waiting.send(created(fds, peak_memory, tls));
                (!matches!(unwanted, Ok(()))).then_some(id)
            }
            Event::Failed { id, failure } => {
                let Entry::Sandbox(entry) = entries.remove(&id)? else { return None };
                let waiting = entry.created?;
                // Whoever stopped waiting has nothing to clean up.
                let _ = waiting.send(Err(failure));
                None
            }
            Event::Furnished { id, failure } => {
                let Entry::Sandbox(entry) = entries.get_mut(&id)? else { return None };
                let furnished = failure.map_or(Ok(()), Err);
                // Whoever stopped waiting has dropped the sandbox.
                let _ = entry.furnished.take()?.send(furnished);
                None
            }
            Event::Loaded { id } => {
                let Entry::Zygote(tell) = entries.get(&id)? else { return None };
                tell.send_replace(true);
                None
            }
            Event::ZygoteGone { id, failure } => {
                entries.remove(&id)?;
                match failure {
                    Some(failure) => {
                        let Failure { step, detail, .. } = failure;
                        tracing::warn!(step, detail, "a zygote cannot be started");
                    }
                    None => tracing::debug!(id, "a zygote has ended"),
                }
                None
            }
            Event::Gone { id, cause, out_of_memory } => {
                let Entry::Sandbox(entry) = entries.remove(&id)? else { return None };
                entry.gone.send_replace(Some(Exit { cause: cause.into(), out_of_memory }));
                None
            }
        }
    }
}

fn created(fds: Vec<OwnedFd>, peak_memory: Option<PathBuf>, tls: bool) -> Result<Created, Failure> {
    let wrong = |what: String| Failure::new(None, "take the listeners", what);
    let mut fds = fds.into_iter();
    let (Some(runtime_api), Some(platform)) = (fds.next(), fds.next()) else {
        return Err(wrong("too few descriptors came".to_owned()));
    };
    let tls = if tls { fds.next() } else { None };
    let listener = |fd: OwnedFd| {
        let listener = std::net::TcpListener::from(fd);
        listener.set_nonblocking(true)?;
        TcpListener::from_std(listener)
    };
    let listener = |fd| listener(fd).map_err(|error: io::Error| wrong(error.to_string()));
    Ok(Created {
        runtime_api: listener(runtime_api)?,
        platform: listener(platform)?,
        tls: tls.map(listener).transpose()?,
        device: fds.next(),
        peak_memory,
    })
}
