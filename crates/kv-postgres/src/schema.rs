use clock::Ids;
use kv::Error;
use tokio_postgres::Row;

use crate::connection::{Connection, Failure, unavailable};
use crate::sql;

/// How often the setting up is begun again when another node does the same.
const ATTEMPTS: usize = 10;

/// `undefined_table`, `unique_violation` and `duplicate_table`.
const NO_TABLE: &str = "42P01";
const RACED: [&str; 2] = ["23505", "42P07"];

/// Sets the schema up, or brings it to the level that this build knows, and returns the name of the
/// store. Any number of nodes may do it at once.
pub(crate) async fn prepare(connection: &Connection, ids: &Ids) -> Result<String, Error> {
    refuse_unsafe(connection).await?;
    match connection.client().query_opt(sql::SCHEMA, &[]).await {
        Ok(Some(row)) => {
            if let (true, store) = state(&row)? {
                return Ok(store);
            }
        }
        Ok(None) => {}
        Err(error) if code(&error) == NO_TABLE => {}
        Err(error) => return Err(unavailable(&error)),
    }
    let mut attempt = 1;
    loop {
        match migrate(connection, ids).await {
            Ok(store) => return Ok(store),
            Err(failure) => {
                let rolled_back = connection.client().batch_execute("ROLLBACK").await;
                rolled_back.map_err(|error| unavailable(&error))?;
                if attempt == ATTEMPTS || !failure.passing {
                    return Err(failure.error);
                }
            }
        }
        attempt += 1;
    }
}

/// A database that forgets what it has committed cannot be a store.
async fn refuse_unsafe(connection: &Connection) -> Result<(), Error> {
    // A database that does not know the setting cannot have switched it off.
    let fsync = connection.client().query_opt("SHOW fsync", &[]).await.ok().flatten();
    if fsync.is_some_and(|row| row.try_get::<_, &str>(0).is_ok_and(|fsync| fsync == "off")) {
        return Err(Error::Unavailable(
            "the database runs with fsync = off: what it acknowledges would not be durable"
                .to_owned(),
        ));
    }
    Ok(())
}

async fn migrate(connection: &Connection, ids: &Ids) -> Result<String, Failure> {
    let client = connection.client();
    let store = ids.text(16, b"abcdefghijklmnopqrstuvwxyz0123456789");
    client.batch_execute("BEGIN").await?;
    client.batch_execute(sql::CREATE_SCHEMA).await.map_err(raced)?;
    client.execute(sql::FIRST_SCHEMA, &[&store]).await.map_err(raced)?;
    let row = client.query_one(sql::LOCK_SCHEMA, &[]).await?;
    let (_, store) = state(&row)?;
    let level: i32 = row.try_get(0)?;
    for statement in sql::LEVELS.iter().skip(usize::try_from(level).unwrap_or(0)).copied().flatten()
    {
        client.batch_execute(statement).await.map_err(raced)?;
    }
    client.execute(sql::RAISE_SCHEMA, &[&newest()]).await?;
    client.batch_execute("COMMIT").await.map_err(raced)?;
    Ok(store)
}

/// Whether the schema is at the newest level, and the name of the store.
fn state(row: &Row) -> Result<(bool, String), Error> {
    let level: i32 = row.try_get(0).map_err(|error| unavailable(&error))?;
    let store = row.try_get(1).map_err(|error| unavailable(&error))?;
    if level > newest() {
        return Err(Error::Unavailable(format!(
            "the database has level {level} of the schema; this build of Pileus knows {} and must \
             not touch it: update Pileus",
            newest()
        )));
    }
    Ok((level == newest(), store))
}

fn newest() -> i32 {
    i32::try_from(sql::LEVELS.len()).expect("there are few levels")
}

fn code(error: &tokio_postgres::Error) -> &str {
    error.code().map_or("", |code| code.code())
}

/// Another node creates the same at the same time.
fn raced(error: tokio_postgres::Error) -> Failure {
    let raced = RACED.contains(&code(&error));
    let failure = Failure::from(error);
    Failure { passing: failure.passing || raced, ..failure }
}
