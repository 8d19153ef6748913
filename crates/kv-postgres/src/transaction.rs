//! The few statements that make a batch a transaction of the database.

use futures_util::future::{BoxFuture, FutureExt, join_all};
use kv::{Commit, Error, Key, Value};
use tokio_postgres::{Row, Statement};

use crate::batch::{Batch, Numbers, added, pack};
use crate::connection::{Connection, Failure, stored, told};
use crate::{limits, sql};

/// Who commits, and which of its batches it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writer<'a> {
    pub(crate) node: &'a str,
    pub(crate) batch: i64,
    /// What time it is, in milliseconds.
    pub(crate) millis: i64,
}

/// Writes and commits a batch, if the head is still at the batch's base, and tells whether it was.
/// Everything is sent at once, so the lock of the head is held for no round trip. A transaction is
/// under way if `begun`.
pub(crate) async fn apply(
    connection: &Connection,
    writer: Writer<'_>,
    batch: &Batch,
    begun: bool,
) -> Result<bool, Failure> {
    let client = connection.client();
    let Writer { node, batch: number, millis } = writer;
    let (base, version) = (stored(batch.base), stored(batch.version));
    let keys: Vec<&[u8]> = batch.writes.keys().map(|key| &key[..]).collect();
    let (mut deleted, mut put, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (key, value) in &batch.writes {
        match value {
            Some(value) => {
                put.push(&key[..]);
                values.push(&value[..]);
            }
            None => deleted.push(&key[..]),
        }
    }
    let log = pack(batch.writes.keys());
    let [claim, keep, delete, insert, append, mark] = statements(connection).await?;

    type Step<'a> = BoxFuture<'a, Result<u64, tokio_postgres::Error>>;
    let mut steps: Vec<Step<'_>> = Vec::with_capacity(8);
    if !begun {
        steps.push(async { client.batch_execute("BEGIN").await.map(|()| 0) }.boxed());
    }
    let claimed = steps.len();
    steps.push(
        async { client.execute(&claim, &[&base, &version, &node, &number, &millis]).await }.boxed(),
    );
    steps.push(async { client.execute(&keep, &[&node, &number, &version, &keys]).await }.boxed());
    if !deleted.is_empty() {
        steps.push(async { client.execute(&delete, &[&node, &number, &deleted]).await }.boxed());
    }
    if !put.is_empty() {
        steps.push(
            async { client.execute(&insert, &[&node, &number, &version, &put, &values]).await }
                .boxed(),
        );
    }
    steps.push(
        async { client.execute(&append, &[&node, &number, &version, &base, &log]).await }.boxed(),
    );
    steps.push(async { client.execute(&mark, &[&node, &number]).await }.boxed());
    steps.push(async { client.batch_execute("COMMIT").await.map(|()| 0) }.boxed());

    let mut changed = Vec::with_capacity(steps.len());
    // The first error is the cause of those that follow.
    for result in join_all(steps).await {
        changed.push(result?);
    }
    Ok(changed[claimed] == 1)
}

async fn statements(connection: &Connection) -> Result<[Statement; 6], tokio_postgres::Error> {
    Ok([
        connection.statement(sql::CLAIM).await?,
        connection.statement(sql::KEEP).await?,
        connection.statement(sql::DELETE).await?,
        connection.statement(sql::PUT).await?,
        connection.statement(sql::LOG).await?,
        connection.statement(sql::MARK).await?,
    ])
}

/// Begins a transaction, takes the lock of the head and returns its version.
pub(crate) async fn lock(connection: &Connection) -> Result<u64, Failure> {
    let lock = connection.statement(sql::LOCK_HEAD).await?;
    let client = connection.client();
    let (begun, row) =
        futures_util::future::join(client.batch_execute("BEGIN"), client.query_one(&lock, &[]))
            .await;
    begun?;
    Ok(told(row?.try_get(0)?)?)
}

/// Ends a transaction that has written nothing.
pub(crate) async fn release(connection: &Connection) -> Result<(), Failure> {
    Ok(connection.client().batch_execute("ROLLBACK").await?)
}

/// The newest values of the keys that `commits` add to.
pub(crate) async fn numbers(
    connection: &Connection,
    commits: &[Commit],
) -> Result<Numbers, Failure> {
    let keys = added(commits);
    if keys.is_empty() {
        return Ok(Numbers::new());
    }
    let rows = connection.query(sql::NEWEST, &[&keys]).await?;
    let number = |row: &Row| {
        let (key, value) = (row.try_get(0)?, row.try_get(1)?);
        Ok((Key::copy_from_slice(key), Value::copy_from_slice(value)))
    };
    Ok(rows.iter().map(number).collect::<Result<_, tokio_postgres::Error>>()?)
}

/// A batch of any node, as the log tells it.
pub(crate) struct Logged {
    pub(crate) version: u64,
    /// The version of the batch before it.
    pub(crate) previous: u64,
    pub(crate) keys: Vec<u8>,
}

/// Some batches after `version`, in order; fewer than [`limits::LOG_ROWS`] if there are no more.
pub(crate) async fn log_after(
    connection: &Connection,
    version: u64,
) -> Result<Vec<Logged>, Failure> {
    let rows = connection.query(sql::FOLLOW, &[&stored(version), &limits::LOG_ROWS]).await?;
    let logged = |row: &Row| {
        let (version, previous) = (told(row.try_get(0)?)?, told(row.try_get(1)?)?);
        Ok(Logged { version, previous, keys: row.try_get(2)? })
    };
    rows.iter().map(logged).collect()
}

/// Makes sure that nothing that `writer` has sent before can take effect any more, and returns the
/// number of the last of its batches that did.
pub(crate) async fn fence(connection: &Connection, writer: Writer<'_>) -> Result<i64, Failure> {
    connection.client().batch_execute("BEGIN").await?;
    let row = connection.row(sql::FENCE, &[&writer.node, &writer.batch]).await?;
    let version: i64 = row.try_get(0)?;
    connection.execute(sql::FENCE_LOG, &[&version, &(version - 1)]).await?;
    let marked = connection.query(sql::MARKED, &[&writer.node]).await?;
    connection.client().batch_execute("COMMIT").await?;
    let Some(marked) = marked.first() else {
        return Err(Error::CommitUnknown.into());
    };
    Ok(marked.try_get(0)?)
}
