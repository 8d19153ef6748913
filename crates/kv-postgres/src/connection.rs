use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use kv::Error;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::types::ToSql;
use tokio_postgres::{AsyncMessage, Client, Config, Row, Statement};
use types::Secret;

use crate::tls::{Tls, Wanted};
use crate::{limits, sql};

/// Makes connections to one database.
#[derive(Clone)]
pub(crate) struct Connector(Arc<Config>, Tls);

/// A connection, and the statements that it has prepared.
pub(crate) struct Connection {
    client: Client,
    statements: Mutex<HashMap<&'static str, Statement>>,
}

pub(crate) type Parameters<'a> = [&'a (dyn ToSql + Sync)];

impl Connector {
    pub(crate) fn new(url: &Secret) -> Result<Self, Error> {
        let (wanted, url) = Wanted::take(url.expose())?;
        // The text of the error does not repeat the URL, which may hold a password.
        let mut config: Config =
            url.parse().map_err(|error: tokio_postgres::Error| unavailable(&error))?;
        if config.get_application_name().is_none() {
            config.application_name("pileus");
        }
        // As libpq does: what stays on this host is not encrypted.
        let is_local = config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_)));
        config.ssl_mode(if is_local { SslMode::Disable } else { wanted.mode });
        config.connect_timeout(limits::CONNECT_TIME).keepalives_idle(Duration::from_secs(10));
        config.keepalives_interval(Duration::from_secs(5)).keepalives_retries(3);
        config.tcp_user_timeout(limits::ATTEMPT_TIME);
        Ok(Self(Arc::new(config), wanted.tls()?))
    }

    pub(crate) async fn connect(&self) -> Result<Connection, Error> {
        self.connect_listening(|_| ()).await
    }

    /// A connection that hands on the content of every notification that it gets.
    pub(crate) async fn connect_listening(
        &self,
        notified: impl Fn(&str) + Send + 'static,
    ) -> Result<Connection, Error> {
        let connecting = tokio::time::timeout(limits::CONNECT_TIME, self.0.connect(self.1.clone()));
        let (client, mut connection) =
            connecting.await.map_err(|_| too_slow())?.map_err(|error| unavailable(&error))?;
        tokio::spawn(async move {
            while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
                match message {
                    Ok(AsyncMessage::Notification(notification)) => {
                        notified(notification.payload())
                    }
                    Ok(_) => {}
                    Err(error) => {
                        tracing::debug!(%error, "a connection to the database ended");
                        break;
                    }
                }
            }
        });
        let settings = sql::SETTINGS.iter().map(|setting| client.batch_execute(setting));
        for result in join_all(settings).await {
            match result {
                Err(error) if error.as_db_error().is_none() => return Err(unavailable(&error)),
                // A database that does not know the setting.
                _ => {}
            }
        }
        Ok(Connection { client, statements: Mutex::default() })
    }

    /// A connection, tried again with growing pauses until `deadline`.
    pub(crate) async fn connect_until(&self, deadline: Instant) -> Result<Connection, Error> {
        let mut pause = limits::BACKOFF.0;
        loop {
            match self.connect().await {
                Ok(connection) => return Ok(connection),
                Err(error) if Instant::now() + pause >= deadline => return Err(error),
                Err(error) => tracing::warn!(%error, "the database cannot be reached"),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(limits::BACKOFF.1);
        }
    }
}

impl Connection {
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// The prepared statement of a text.
    pub(crate) async fn statement(
        &self,
        text: &'static str,
    ) -> Result<Statement, tokio_postgres::Error> {
        let known = |statements: &Mutex<HashMap<_, Statement>>| {
            statements.lock().unwrap_or_else(PoisonError::into_inner).get(text).cloned()
        };
        if let Some(statement) = known(&self.statements) {
            return Ok(statement);
        }
        let statement = self.client.prepare(text).await?;
        let mut statements = self.statements.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(statements.entry(text).or_insert(statement).clone())
    }

    pub(crate) async fn query(
        &self,
        text: &'static str,
        parameters: &Parameters<'_>,
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        let statement = self.statement(text).await?;
        self.client.query(&statement, parameters).await
    }

    /// The only row that the statement returns.
    pub(crate) async fn row(
        &self,
        text: &'static str,
        parameters: &Parameters<'_>,
    ) -> Result<Row, tokio_postgres::Error> {
        let statement = self.statement(text).await?;
        self.client.query_one(&statement, parameters).await
    }

    /// How many rows the statement has changed.
    pub(crate) async fn execute(
        &self,
        text: &'static str,
        parameters: &Parameters<'_>,
    ) -> Result<u64, tokio_postgres::Error> {
        let statement = self.statement(text).await?;
        self.client.execute(&statement, parameters).await
    }
}

/// Why something that was asked of the database failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// Whether it may succeed when it is asked again.
    pub(crate) passing: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, passing: false }
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        // Connections, rollbacks for the sake of others, and shutdowns.
        let passing = match error.code() {
            Some(code) => ["08", "40", "57"].iter().any(|class| code.code().starts_with(class)),
            None => true,
        };
        Self { error: unavailable(&error), passing }
    }
}

/// What the database said, or why it said nothing.
pub(crate) fn unavailable(error: &tokio_postgres::Error) -> Error {
    use std::error::Error as _;
    let text = match (error.as_db_error(), error.source()) {
        (Some(said), _) => format!("{} ({})", said.message(), said.code().code()),
        (None, Some(source)) => format!("{error}: {source}"),
        (None, None) => error.to_string(),
    };
    Error::Unavailable(format!("the database: {text}"))
}

pub(crate) fn too_slow() -> Error {
    Error::Unavailable("the database did not answer in time".to_owned())
}

/// A version as the database keeps it.
pub(crate) fn stored(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

/// A version as the database tells it.
pub(crate) fn told(version: i64) -> Result<u64, Error> {
    u64::try_from(version)
        .map_err(|_| Error::Corrupt(format!("the database tells the version {version}")))
}
