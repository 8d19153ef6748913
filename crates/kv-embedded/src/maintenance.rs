use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Weak};
use std::time::Duration;

use kv::Error;

use crate::log;
use crate::shared::Shared;

/// How long a batch may take before the engine counts as stopped.
const HANG: Duration = Duration::from_secs(30);

/// How often the watchdog looks.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// Flushes ended memtables and removes the log files that they came from, each time it is told,
/// until the sender is gone.
pub(crate) fn flush(shared: &Shared, told: &Receiver<()>, compact: &SyncSender<()>) {
    while told.recv().is_ok() {
        if let Err(error) = flush_once(shared) {
            shared.fail(&error);
            return;
        }
        shared.notify_progress();
        // If it is full, the compactor has been told already.
        let _ = compact.try_send(());
    }
}

fn flush_once(shared: &Shared) -> Result<(), Error> {
    // Read first: what ends during the flush may not be part of it.
    let rotated = shared.rotated.load(Ordering::SeqCst);
    shared.tables.flush(shared.oldest())?;
    log::remove_through(&shared.folder.log(), rotated)
}

/// Compacts the tables each time it is told, until the sender is gone.
pub(crate) fn compact(shared: &Shared, told: &Receiver<()>) {
    while told.recv().is_ok() {
        let mut changed = Ok(true);
        while changed == Ok(true) && shared.check().is_ok() {
            changed = shared.tables.compact(shared.oldest());
            shared.notify_progress();
        }
        if let Err(error) = changed {
            shared.fail(&error);
            return;
        }
    }
}

/// Stops the engine if a batch hangs, so that those who wait for it learn so. Ends with the sender.
pub(crate) fn watch(shared: &Weak<Shared>, closed: &Receiver<()>) {
    while closed.recv_timeout(WATCH_INTERVAL) == Err(RecvTimeoutError::Timeout) {
        let Some(shared) = Weak::upgrade(shared) else { return };
        check_hang(&shared, HANG);
    }
}

/// Stops the engine if the current batch has taken `limit`.
pub(crate) fn check_hang(shared: &Arc<Shared>, limit: Duration) {
    let busy = shared.busy_for();
    if busy >= limit && shared.check().is_ok() {
        let seconds = busy.as_secs();
        shared.fail(&Error::Unavailable(format!("a commit has hung for {seconds} seconds")));
    }
}
