use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use kv::Error;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::committer::went_back;
use crate::connection::{Connection, Connector, Failure, told, too_slow, unavailable};
use crate::shared::Shared;
use crate::{limits, sql};

/// Somebody who wants to know the version of the last commit.
pub(crate) type Asking = oneshot::Sender<Result<u64, Error>>;

/// The one task of a node that asks for the version of the last commit: once for all who have asked
/// before.
pub(crate) struct Head {
    shared: Arc<Shared>,
    connector: Connector,
    queue: mpsc::Receiver<Asking>,
    connection: Option<Connection>,
}

impl Head {
    pub(crate) fn new(
        shared: Arc<Shared>,
        connector: Connector,
        queue: mpsc::Receiver<Asking>,
    ) -> Self {
        Self { shared, connector, queue, connection: None }
    }

    /// Answers until nobody can ask any more.
    pub(crate) async fn run(mut self) {
        let mut waiting = Vec::new();
        while self.queue.recv_many(&mut waiting, limits::QUEUE).await > 0 {
            let asked = timeout(limits::READ_TIME, self.ask()).await;
            let answer = asked.unwrap_or_else(|_| {
                self.connection = None;
                Err(too_slow())
            });
            for waiting in waiting.drain(..) {
                // Whoever asked may be gone.
                let _ = waiting.send(answer.clone());
            }
        }
    }

    async fn ask(&mut self) -> Result<u64, Error> {
        let deadline = Instant::now() + limits::READ_TIME;
        loop {
            let connection = match self.connection.take() {
                Some(connection) if !connection.is_closed() => connection,
                _ => self.connector.connect_until(deadline).await?,
            };
            // What was seen before the question, the answer must include.
            let seen = self.shared.seen.load(Ordering::SeqCst);
            let asked = Instant::now();
            let failure = match connection.row(sql::HEAD, &[]).await {
                Ok(row) => {
                    self.connection = Some(connection);
                    let column = |index| row.try_get(index).map_err(|error| unavailable(&error));
                    let head = told(column(0)?)?;
                    self.shared.clock.observe(asked, column(2)?, column(1)?);
                    return self.check(seen, head);
                }
                Err(error) => Failure::from(error),
            };
            if !failure.passing || Instant::now() >= deadline {
                return Err(failure.error);
            }
            tokio::time::sleep(limits::BACKOFF.0).await;
        }
    }

    fn check(&self, seen: u64, head: u64) -> Result<u64, Error> {
        if head < seen {
            self.shared.fail(&went_back(seen, head));
        }
        self.shared.check()?;
        self.shared.seen.fetch_max(head, Ordering::SeqCst);
        Ok(head)
    }
}
