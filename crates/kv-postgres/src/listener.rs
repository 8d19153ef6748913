use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::timeout;

use crate::connection::{Connector, Failure};
use crate::limits;
use crate::shared::Shared;

/// How long to wait before a database that has no `LISTEN` is asked again.
const UNSUPPORTED: Duration = Duration::from_secs(60);

/// Tells other nodes of commits and is told of theirs, for as long as the database lives. Whatever
/// fails here, the log is polled.
pub(crate) async fn run(shared: Arc<Shared>, connector: Connector, channel: String) {
    loop {
        let ended = listen(&shared, &connector, &channel).await;
        shared.listening.store(false, Ordering::Relaxed);
        let pause = match ended {
            Ok(()) => limits::BACKOFF.0,
            Err(failure) => {
                tracing::warn!(error = %failure.error, "commits of other nodes are polled for");
                if failure.passing { limits::BACKOFF.1 } else { UNSUPPORTED }
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Ends when the connection does.
async fn listen(shared: &Arc<Shared>, connector: &Connector, channel: &str) -> Result<(), Failure> {
    let told = shared.clone();
    let connection = connector.connect_listening(move |node| {
        if node != told.node {
            told.alone.store(false, Ordering::Relaxed);
            told.news.notify_one();
        }
    });
    let connecting = connection.await.map_err(|error| Failure { error, passing: true });
    let connection = connecting?;
    let client = connection.client();
    // What is told is a hint, and worth no sync. Not every database has the setting.
    let _ = client.batch_execute("SET synchronous_commit TO off").await;
    client.batch_execute(&format!("LISTEN \"{channel}\"")).await?;
    let notify = format!("NOTIFY \"{channel}\", '{}'", shared.node);
    // So that nodes that believed to be alone tell of their commits from now on.
    client.batch_execute(&notify).await?;
    shared.listening.store(true, Ordering::Relaxed);
    shared.news.notify_one();
    while !connection.is_closed() {
        // However many commits there were since the last time: one notification.
        let committed = timeout(limits::POLL, shared.committed.notified()).await.is_ok();
        if committed && !shared.alone.load(Ordering::Relaxed) {
            client.batch_execute(&notify).await?;
        }
    }
    Ok(())
}
