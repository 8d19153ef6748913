use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use kv::{Commit, Committed, Error, Key, Window};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::batch::{Batch, bytes, unpack};
use crate::connection::{Connection, Connector, Failure, stored, too_slow};
use crate::limits;
use crate::shared::Shared;
use crate::transaction::{self, Logged, Writer};

/// A commit in the queue, and where its answer goes.
pub(crate) struct Pending {
    pub(crate) commit: Commit,
    pub(crate) answer: oneshot::Sender<Result<Committed, Error>>,
}

type Answers = Vec<Result<Committed, Error>>;

/// The one task of a node that commits, and that follows what other nodes commit.
pub(crate) struct Committer {
    shared: Arc<Shared>,
    connector: Connector,
    queue: mpsc::Receiver<Pending>,
    connection: Option<Connection>,
    /// What was written up to `known`.
    window: Window,
    known: u64,
    /// The number of the last batch.
    number: i64,
    /// What to answer if the batch that was sent last has taken effect, until that is known.
    sent: Option<Answers>,
    /// Whether another node has come between last time, and so may again.
    contended: bool,
}

impl Committer {
    pub(crate) fn new(
        shared: Arc<Shared>,
        connector: Connector,
        queue: mpsc::Receiver<Pending>,
        connection: Connection,
        known: u64,
    ) -> Self {
        let window = Window::new(known);
        let connection = Some(connection);
        let (number, sent, contended) = (0, None, false);
        Self { shared, connector, queue, connection, window, known, number, sent, contended }
    }

    /// Commits until the queue is closed.
    pub(crate) async fn run(mut self) {
        loop {
            let told = self.shared.listening.load(Ordering::Relaxed);
            let poll = if told { limits::POLL } else { limits::POLL_UNTOLD };
            tokio::select! {
                biased;
                next = self.queue.recv() => match next {
                    Some(first) => self.commit_batch(first).await,
                    None => return,
                },
                () = self.shared.news.notified() => self.follow().await,
                () = tokio::time::sleep(poll) => self.follow().await,
            }
        }
    }

    async fn commit_batch(&mut self, first: Pending) {
        let mut size = bytes(&first.commit);
        let (mut commits, mut waiting) = (vec![first.commit], vec![first.answer]);
        while commits.len() < limits::BATCH_TRANSACTIONS && size < limits::BATCH_BYTES {
            let Ok(next) = self.queue.try_recv() else { break };
            size += bytes(&next.commit);
            commits.push(next.commit);
            waiting.push(next.answer);
        }
        let answers = self.commit(&commits).await;
        for (waiting, answer) in waiting.into_iter().zip(answers) {
            // Whoever asked may be gone.
            let _ = waiting.send(answer);
        }
    }

    /// Tries until the outcome is known, or time is up.
    async fn commit(&mut self, commits: &[Commit]) -> Answers {
        let deadline = Instant::now() + limits::COMMIT_TIME;
        loop {
            let attempt = timeout(limits::ATTEMPT_TIME, self.attempt(commits, deadline)).await;
            let failure = match attempt {
                Ok(Ok(answers)) => return answers,
                Ok(Err(failure)) => failure,
                Err(_) => Failure { error: too_slow(), passing: true },
            };
            // Whatever it was doing is over: the connection is in no known state.
            self.connection = None;
            self.contended = true;
            tracing::warn!(error = %failure.error, "a batch could not be committed at once");
            if let Some(answers) = self.sent.take() {
                match self.took_effect().await {
                    Some(true) => return answers,
                    Some(false) => {}
                    None => return vec![Err(Error::CommitUnknown); commits.len()],
                }
            }
            if !failure.passing || Instant::now() >= deadline {
                return vec![Err(failure.error); commits.len()];
            }
        }
    }

    async fn attempt(&mut self, commits: &[Commit], deadline: Instant) -> Result<Answers, Failure> {
        self.shared.check()?;
        let connection = self.connection(deadline).await?;
        // A transaction may have read more than this node has followed.
        let ahead = commits.iter().any(|commit| commit.read_version > self.known);
        if !self.contended
            && !ahead
            && let Some(answers) = self.commit_unlocked(&connection, commits).await?
        {
            self.connection = Some(connection);
            return Ok(answers);
        }
        let answers = self.commit_locked(&connection, commits).await?;
        self.connection = Some(connection);
        Ok(answers)
    }

    async fn connection(&mut self, deadline: Instant) -> Result<Connection, Error> {
        match self.connection.take() {
            Some(connection) if !connection.is_closed() => Ok(connection),
            _ => self.connector.connect_until(deadline).await,
        }
    }

    /// Checks against what is known and commits if that is all there is; nothing if it is not.
    async fn commit_unlocked(
        &mut self,
        connection: &Connection,
        commits: &[Commit],
    ) -> Result<Option<Answers>, Failure> {
        let numbers = transaction::numbers(connection, commits).await?;
        let batch = Batch::check(commits, &self.window, self.known, &numbers);
        if batch.is_empty() {
            return Ok(Some(batch.answers));
        }
        let applied = self.apply(connection, &batch, false).await?;
        Ok(applied.then_some(batch.answers))
    }

    /// Takes the lock, so that what is known is all there is, and commits.
    async fn commit_locked(
        &mut self,
        connection: &Connection,
        commits: &[Commit],
    ) -> Result<Answers, Failure> {
        let head = transaction::lock(connection).await?;
        let before = self.known;
        self.learn_to(connection, head).await?;
        self.contended = self.known != before;
        let numbers = transaction::numbers(connection, commits).await?;
        let batch = Batch::check(commits, &self.window, self.known, &numbers);
        if batch.is_empty() {
            transaction::release(connection).await?;
        } else if !self.apply(connection, &batch, true).await? {
            return Err(Error::Corrupt("the head moved although it was locked".to_owned()).into());
        }
        Ok(batch.answers)
    }

    /// Commits the batch if the head is at its base, and tells whether it was.
    async fn apply(
        &mut self,
        connection: &Connection,
        batch: &Batch,
        begun: bool,
    ) -> Result<bool, Failure> {
        self.sent = Some(batch.answers.clone());
        let writer = next_writer(&self.shared, &mut self.number);
        let applied = transaction::apply(connection, writer, batch, begun).await?;
        self.sent = None;
        if applied {
            self.publish(batch.version, batch.writes.keys());
            self.shared.committed.notify_one();
        }
        Ok(applied)
    }

    /// Whether the batch that was sent last has taken effect; it cannot any more afterwards.
    async fn took_effect(&mut self) -> Option<bool> {
        let batch = self.number;
        let deadline = Instant::now() + limits::RESOLVE_TIME;
        while Instant::now() < deadline {
            let connection = self.connector.connect_until(deadline).await.ok()?;
            let writer = next_writer(&self.shared, &mut self.number);
            let fencing = timeout(limits::ATTEMPT_TIME, transaction::fence(&connection, writer));
            match fencing.await {
                Ok(Ok(marked)) => {
                    self.connection = Some(connection);
                    self.shared.news.notify_one();
                    tracing::info!(applied = marked == batch, "the outcome of a batch was found");
                    return Some(marked == batch);
                }
                Ok(Err(failure)) => {
                    tracing::warn!(error = %failure.error, "the outcome of a batch is not known");
                }
                Err(_) => tracing::warn!("the outcome of a batch is not known yet"),
            }
            tokio::time::sleep(limits::BACKOFF.0).await;
        }
        None
    }

    /// Learns what other nodes have committed. What fails now is tried again soon.
    async fn follow(&mut self) {
        let deadline = Instant::now();
        let following = async {
            let connection = self.connection(deadline).await?;
            self.learn(&connection).await?;
            self.connection = Some(connection);
            Ok::<_, Failure>(())
        };
        match timeout(limits::READ_TIME, following).await {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => {
                tracing::debug!(error = %failure.error, "other nodes could not be followed");
            }
            Err(_) => tracing::debug!("other nodes could not be followed in time"),
        }
    }

    /// Learns everything up to the head, whose lock is held.
    async fn learn_to(&mut self, connection: &Connection, head: u64) -> Result<(), Failure> {
        self.learn(connection).await?;
        if self.known < head {
            // The log does not reach back so far.
            self.forget(head);
        }
        if self.known > head {
            let error = went_back(self.known, head);
            self.shared.fail(&error);
            return Err(error.into());
        }
        Ok(())
    }

    async fn learn(&mut self, connection: &Connection) -> Result<(), Failure> {
        loop {
            let logged = transaction::log_after(connection, self.known).await?;
            let more = stored(logged.len() as u64) == limits::LOG_ROWS;
            for Logged { version, previous, keys } in logged {
                if previous != self.known {
                    self.forget(previous);
                }
                self.publish(version, &unpack(&keys)?);
            }
            if !more {
                return Ok(());
            }
        }
    }

    /// Remembers that all these were written up to `version`, and wakes who waits for one of them.
    fn publish<'a>(&mut self, version: u64, keys: impl IntoIterator<Item = &'a Key> + Clone) {
        for key in keys.clone() {
            self.window.record(version, key);
        }
        self.window.shrink();
        self.known = version;
        self.shared.seen.fetch_max(version, Ordering::SeqCst);
        self.shared.watches.wake(keys.into_iter().map(|key| &key[..]));
    }

    /// Goes on at `version` without knowing what led there.
    fn forget(&mut self, version: u64) {
        self.window = Window::new(version);
        self.known = version;
        self.shared.watches.wake_all();
    }
}

fn next_writer<'a>(shared: &'a Shared, number: &mut i64) -> Writer<'a> {
    *number += 1;
    let millis = stored(clock::Clock::now(&*shared.clock).as_millis());
    Writer { node: &shared.node, batch: *number, millis }
}

pub(crate) fn went_back(seen: u64, head: u64) -> Error {
    Error::Corrupt(format!(
        "the database has gone back from version {seen} to {head}: commits that were acknowledged \
         are missing"
    ))
}
