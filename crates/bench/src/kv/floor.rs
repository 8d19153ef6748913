//! What a store is compared with: the least that its place can do for one durable change.

use super::{Place, RECORD_BYTES, VALUE_BYTES, rate};
use futures_util::future::try_join_all;
use std::{
    fs::File,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};
use tokio_postgres::{Client, NoTls, Statement};
use types::Secret;

/// The table of the floor. Its rows have the size of a value of the store.
const TABLE: &str = "DROP TABLE IF EXISTS pileus_bench_floor; \
                     CREATE TABLE pileus_bench_floor (id bigint PRIMARY KEY, value bytea)";
const INSERT: &str = "INSERT INTO pileus_bench_floor VALUES ($1, $2)";
const UPDATE: &str = "UPDATE pileus_bench_floor SET value = $2 WHERE id = $1";
const DROP: &str = "DROP TABLE pileus_bench_floor";

pub(super) enum Floor {
    /// One thread that appends a record to a file and syncs it.
    File(File),
    /// As many connections as there are writers; each changes a row of its own, and each change is a
    /// transaction.
    Database(Vec<Writer>),
}

pub(super) struct Writer {
    client: Client,
    update: Statement,
    row: i64,
}

impl Floor {
    /// That of a place, for so many writers.
    pub(super) async fn of(place: &Place, file: &Path, writers: u64) -> anyhow::Result<Self> {
        let url = match place {
            Place::Folder(_) => return Ok(Self::File(File::create_new(file)?)),
            Place::Database(url) => url,
        };
        let client = connect(url).await?;
        client.batch_execute(TABLE).await?;
        let insert = client.prepare(INSERT).await?;
        let mut connections = Vec::new();
        for row in 0..i64::try_from(writers)? {
            client.execute(&insert, &[&row, &vec![0_u8; VALUE_BYTES]]).await?;
            let client = connect(url).await?;
            let update = client.prepare(UPDATE).await?;
            connections.push(Writer { client, update, row });
        }
        Ok(Self::Database(connections))
    }

    /// What one change is, for the report.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::File(_) => "appends with a sync, 1 thread",
            Self::Database(_) => "one-row updates, a connection each",
        }
    }

    /// How many changes a second there are, measured for so long.
    pub(super) async fn measure(&mut self, time: Duration) -> anyhow::Result<f64> {
        match self {
            Self::File(file) => append(file, time),
            Self::Database(writers) => {
                let start = Instant::now();
                let counts = writers.iter().map(|writer| writer.update_until(start + time));
                let counts: Vec<u64> = try_join_all(counts).await?;
                Ok(rate(counts.iter().sum(), start.elapsed()))
            }
        }
    }

    /// Leaves nothing in the database.
    pub(super) async fn remove(self) -> anyhow::Result<()> {
        if let Self::Database(writers) = self
            && let Some(writer) = writers.first()
        {
            writer.client.batch_execute(DROP).await?;
        }
        Ok(())
    }
}

async fn connect(url: &Secret) -> anyhow::Result<Client> {
    let (client, connection) = tokio_postgres::connect(url.expose(), NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

impl Writer {
    async fn update_until(&self, end: Instant) -> anyhow::Result<u64> {
        let (mut count, mut value) = (0_u64, vec![0; VALUE_BYTES]);
        while Instant::now() < end {
            value[..8].copy_from_slice(&count.to_be_bytes());
            let changed = self.client.execute(&self.update, &[&self.row, &value]).await?;
            anyhow::ensure!(changed == 1, "a row is missing");
            count += 1;
        }
        Ok(count)
    }
}

/// How many records a second one thread appends and syncs.
fn append(file: &mut File, time: Duration) -> anyhow::Result<f64> {
    let record = [7; RECORD_BYTES];
    let start = Instant::now();
    let mut count = 0;
    while start.elapsed() < time {
        file.write_all(&record)?;
        file.sync_data()?;
        count += 1;
    }
    Ok(rate(count, start.elapsed()))
}
