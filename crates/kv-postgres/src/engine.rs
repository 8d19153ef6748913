use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use clock::{Ids, SharedClock};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Either, select};
use kv::{Commit, Committed, Engine, Error, Snapshot, Wake, Watch};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use types::Secret;

use crate::committer::{Committer, Pending};
use crate::connection::{Connector, told, unavailable};
use crate::head::{Asking, Head};
use crate::housekeeping::Housekeeper;
use crate::pool::Pool;
use crate::shared::Shared;
use crate::snapshot::PostgresSnapshot;
use crate::{limits, listener, schema, sql};

/// The engine of one node on a database. It lives on the tokio runtime that it was opened on.
///
/// Dropping it finishes what is queued; its connections close with its last snapshot.
pub struct PostgresEngine {
    shared: Arc<Shared>,
    commits: mpsc::Sender<Pending>,
    heads: mpsc::Sender<Asking>,
    tasks: Vec<JoinHandle<()>>,
}

impl PostgresEngine {
    /// Opens the store in the database that `url` (`postgres://user:password@host:port/database`)
    /// names, and sets it up if it is not there. `ids` names the node.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the URL makes no sense, the database cannot be
    /// reached, does not keep what it acknowledges, or was written by a newer build.
    pub async fn open(url: &Secret, ids: &Ids) -> Result<Self, Error> {
        let connector = Connector::new(url)?;
        let connection = connector.connect().await?;
        let store = schema::prepare(&connection, ids).await?;
        let asked = Instant::now();
        let row = connection.row(sql::HEAD, &[]).await.map_err(|error| unavailable(&error))?;
        let column = |index| row.try_get(index).map_err(|error| unavailable(&error));
        let known = told(column(0)?)?;

        let node = ids.text(16, b"abcdefghijklmnopqrstuvwxyz0123456789");
        // The row that its commits leave their mark in.
        let seen = connection.execute(sql::SEEN, &[&node, &i64::MAX]).await;
        seen.map_err(|error| unavailable(&error))?;
        let shared = Arc::new(Shared::new(node, Pool::new(connector.clone())));
        shared.clock.observe(asked, column(2)?, column(1)?);
        let (commits, queue) = mpsc::channel(limits::QUEUE);
        let (heads, asking) = mpsc::channel(limits::QUEUE);
        let committer = Committer::new(shared.clone(), connector.clone(), queue, connection, known);
        let head = Head::new(shared.clone(), connector.clone(), asking);
        watch(&shared, tokio::spawn(committer.run()));
        watch(&shared, tokio::spawn(head.run()));
        let tasks = vec![
            tokio::spawn(listener::run(shared.clone(), connector, format!("pileus_{store}"))),
            tokio::spawn(Housekeeper::new(shared.clone()).run()),
        ];
        Ok(Self { shared, commits, heads, tasks })
    }

    /// Waits until the engine stops, because the database has lost commits or by a defect, and says
    /// why. A process should end then.
    pub async fn failed(&self) -> Error {
        self.shared.failed().await
    }

    /// The time of all nodes: that of the database.
    #[must_use]
    pub fn clock(&self) -> SharedClock {
        self.shared.clock.clone()
    }

    #[cfg(test)]
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    async fn snapshot_now(&self) -> Result<Arc<dyn Snapshot>, Error> {
        self.shared.check()?;
        let taken = Instant::now();
        let (asking, answer) = oneshot::channel();
        let ended = || Error::Unavailable("the engine has ended".to_owned());
        self.heads.send(asking).await.map_err(|_| ended())?;
        let version = answer.await.map_err(|_| ended())??;
        Ok(Arc::new(PostgresSnapshot::open(self.shared.clone(), version, taken)))
    }

    async fn commit_queued(&self, commit: Commit) -> Result<Committed, Error> {
        self.shared.check()?;
        let (answer, answered) = oneshot::channel();
        if self.commits.send(Pending { commit, answer }).await.is_err() {
            return Err(Error::Unavailable("the engine has ended".to_owned()));
        }
        match select(answered, Box::pin(self.shared.failed())).await {
            Either::Left((answer, _)) => answer.unwrap_or(Err(Error::CommitUnknown)),
            Either::Right((_, mut answered)) => {
                answered.try_recv().unwrap_or(Err(Error::CommitUnknown))
            }
        }
    }
}

/// Stops the engine if a task that it cannot do without panics. The task ends with the engine.
fn watch(shared: &Arc<Shared>, task: JoinHandle<()>) {
    let shared = shared.clone();
    tokio::spawn(async move {
        if task.await.is_err_and(|error| error.is_panic()) {
            shared.fail(&Error::Unavailable("a task of the store has panicked".to_owned()));
        }
    });
}

impl Drop for PostgresEngine {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl fmt::Debug for PostgresEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresEngine").field("node", &self.shared.node).finish_non_exhaustive()
    }
}

impl Engine for PostgresEngine {
    fn snapshot(&self) -> BoxFuture<'_, Result<Arc<dyn Snapshot>, Error>> {
        self.snapshot_now().boxed()
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, Error>> {
        self.commit_queued(commit).boxed()
    }

    fn watch(&self, prefix: &[u8], wake: Wake) -> Watch {
        self.shared.watches.watch(prefix, wake)
    }
}
