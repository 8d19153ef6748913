//! How functions' output gets into logs: gathered for a moment, then stored in few transactions.

mod buffer;
mod permit;
mod store;

use buffer::{Batch, Buffer};
use clock::Ids;
use service::Platform;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
};
use types::{Arn, Timestamp};

use crate::config;

/// Where lines go, and on whose behalf.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Destination {
    /// The log group.
    pub group: String,
    /// The stream in it.
    pub stream: String,
    /// The function's execution role, which must be allowed to write there.
    pub role: Arn,
    /// The name of the role's session: the function's.
    pub session: String,
}

/// Takes lines without waiting, and stores them in order soon after.
///
/// Groups and streams that do not exist are made. As on Lambda, the execution role must allow
/// `logs:PutLogEvents`, and `logs:CreateLogGroup` and `logs:CreateLogStream` where something is
/// made; what it may not write is dropped, with one warning for each group. Memory is bounded by
/// [`config::WRITER_BUFFER_BYTES`]: lines beyond are dropped, and a line in their stream says how
/// many. What was taken is kept while the store is away, and stored once it is back; a commit of
/// unknown outcome is repeated, so a line may then be stored twice. Dropping the writer ends it at
/// once: call [`LogWriter::flush`] before.
pub struct LogWriter {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    buffer: Mutex<Buffer>,
    /// There is something to do: the first line, a full batch, a flush.
    wake: Notify,
    /// The number of the last write whose lines are stored or given up.
    done: watch::Sender<u64>,
}

impl Shared {
    fn buffer(&self) -> MutexGuard<'_, Buffer> {
        // No code under this lock can panic halfway.
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LogWriter {
    /// A writer that works on the current tokio runtime.
    #[must_use]
    pub fn start(platform: Arc<Platform>, ids: Ids) -> Self {
        let shared = Arc::new(Shared {
            buffer: Mutex::default(),
            wake: Notify::new(),
            done: watch::Sender::new(0),
        });
        let task = tokio::spawn(run(shared.clone(), platform, ids));
        Self { shared, task }
    }

    /// Takes lines of a stream, in order, without their newlines. Never waits.
    pub fn write(&self, to: Destination, lines: Vec<(Timestamp, String)>) {
        if lines.is_empty() {
            return;
        }
        let mut buffer = self.shared.buffer();
        let was_idle = buffer.is_idle();
        buffer.push(to, lines);
        if was_idle || buffer.is_full_batch() {
            self.shared.wake.notify_one();
        }
    }

    /// Ends when all lines that were written before are stored. While the store is away that takes
    /// as long as it is: bound it with a time.
    pub async fn flush(&self) {
        let target = self.shared.buffer().flush();
        self.shared.wake.notify_one();
        // The sender lives as long as this writer.
        let _ = self.shared.done.subscribe().wait_for(|done| *done >= target).await;
    }
}

impl Drop for LogWriter {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(shared: Arc<Shared>, platform: Arc<Platform>, ids: Ids) {
    let mut refusals = store::Refusals::default();
    loop {
        while shared.buffer().is_idle() {
            shared.wake.notified().await;
        }
        let linger = platform.clock.sleep(config::WRITER_LINGER);
        tokio::pin!(linger);
        while !shared.buffer().is_urgent() {
            tokio::select! {
                () = shared.wake.notified() => {}
                () = &mut linger => break,
            }
        }
        let Batch { streams, upto } = shared.buffer().take();
        store::store(&platform, &ids, &mut refusals, streams).await;
        shared.buffer().stored();
        shared.done.send_replace(upto);
    }
}
