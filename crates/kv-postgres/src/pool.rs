use std::ops::Deref;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use kv::Error;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_postgres::Row;

use crate::connection::{Connection, Connector, Failure, Parameters, too_slow};
use crate::limits;

/// The connections that serve reads and the sweep. Each is somebody's for one statement.
pub(crate) struct Pool {
    connector: Connector,
    permits: Semaphore,
    /// The one that was used last is used next.
    idle: Mutex<Vec<Connection>>,
}

/// A connection that goes back to the pool.
struct Lease<'a> {
    pool: &'a Pool,
    connection: Option<Connection>,
    _permit: SemaphorePermit<'a>,
}

impl Pool {
    pub(crate) fn new(connector: Connector) -> Self {
        Self { connector, permits: Semaphore::new(limits::READERS), idle: Mutex::default() }
    }

    /// The rows that a statement returns. It may be executed twice: it is tried again on another
    /// connection if one has broken.
    pub(crate) async fn query(
        &self,
        text: &'static str,
        parameters: &Parameters<'_>,
    ) -> Result<Vec<Row>, Error> {
        let deadline = Instant::now() + limits::READ_TIME;
        let reading = async {
            loop {
                let mut lease = self.lease(deadline).await?;
                let failure = match lease.query(text, parameters).await {
                    Ok(rows) => return Ok(rows),
                    Err(error) => Failure::from(error),
                };
                // A connection that is being ended says so before it is closed.
                lease.connection = None;
                if !failure.passing || Instant::now() >= deadline {
                    return Err(failure.error);
                }
                drop(lease);
                tokio::time::sleep(limits::BACKOFF.0).await;
            }
        };
        tokio::time::timeout(limits::READ_TIME, reading).await.unwrap_or_else(|_| Err(too_slow()))
    }

    async fn lease(&self, deadline: Instant) -> Result<Lease<'_>, Error> {
        let permit = self.permits.acquire().await.expect("nobody closes the semaphore");
        let connection = loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match idle {
                Some(connection) if connection.is_closed() => {}
                Some(connection) => break connection,
                None => break self.connector.connect_until(deadline).await?,
            }
        };
        Ok(Lease { pool: self, connection: Some(connection), _permit: permit })
    }
}

impl Deref for Lease<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("it is taken last")
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take().filter(|it| !it.is_closed()) {
            self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}
