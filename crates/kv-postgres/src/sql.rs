//! Every statement, and the tables.
//!
//! Indexes name their order (`ASC`), because YugabyteDB would hash otherwise; types name their size,
//! because CockroachDB's `INT` has another. No statement changes a table twice.

/// What a new connection asks for. A database that does not know a setting goes without.
pub(crate) const SETTINGS: &[&str] = &[
    // Each statement of a batch must see what was committed before it took the lock.
    "SET default_transaction_isolation TO 'read committed'",
    // A commit must be durable, and be seen by whoever asks for the head afterwards.
    "SET synchronous_commit TO on",
    "SET statement_timeout TO '30s'",
    // A node that hangs inside a batch holds the lock of the head no longer than this.
    "SET idle_in_transaction_session_timeout TO '5s'",
    "SET lock_timeout TO '15s'",
    // Every statement has one right plan, which is by index: none is to be made anew for each
    // execution, nor to be chosen from statistics that are out of date.
    "SET plan_cache_mode TO force_generic_plan",
    "SET enable_seqscan TO off",
    "SET enable_bitmapscan TO off",
    "SET enable_hashjoin TO off",
    "SET enable_mergejoin TO off",
    "SET jit TO off",
];

pub(crate) const CREATE_SCHEMA: &str = "CREATE TABLE IF NOT EXISTS pileus_schema \
     (id INT4 NOT NULL PRIMARY KEY, level INT4 NOT NULL, store TEXT NOT NULL)";
pub(crate) const FIRST_SCHEMA: &str =
    "INSERT INTO pileus_schema (id, level, store) VALUES (1, 0, $1) ON CONFLICT (id) DO NOTHING";
pub(crate) const SCHEMA: &str = "SELECT level, store FROM pileus_schema WHERE id = 1";
pub(crate) const LOCK_SCHEMA: &str =
    "SELECT level, store FROM pileus_schema WHERE id = 1 FOR UPDATE";
pub(crate) const RAISE_SCHEMA: &str = "UPDATE pileus_schema SET level = $1 WHERE id = 1";

/// What leads from each level of the schema to the next.
pub(crate) const LEVELS: &[&[&str]] = &[&[
    "CREATE TABLE pileus_head (id INT4 NOT NULL PRIMARY KEY, version INT8 NOT NULL, \
     writer TEXT NOT NULL, batch INT8 NOT NULL, millis INT8 NOT NULL)",
    "INSERT INTO pileus_head (id, version, writer, batch, millis) VALUES (1, 0, '', 0, 0)",
    "CREATE TABLE pileus_kv (key BYTEA NOT NULL, version INT8 NOT NULL, value BYTEA NOT NULL)",
    "CREATE UNIQUE INDEX pileus_kv_key ON pileus_kv (key ASC)",
    "CREATE TABLE pileus_old (until INT8 NOT NULL, key BYTEA NOT NULL, since INT8 NOT NULL, \
     value BYTEA NOT NULL)",
    "CREATE UNIQUE INDEX pileus_old_until ON pileus_old (until ASC, key ASC)",
    "CREATE TABLE pileus_log (version INT8 NOT NULL, previous INT8 NOT NULL, keys BYTEA NOT NULL)",
    "CREATE UNIQUE INDEX pileus_log_version ON pileus_log (version ASC)",
    "CREATE TABLE pileus_node (id TEXT NOT NULL PRIMARY KEY, batch INT8 NOT NULL, \
     pinned INT8 NOT NULL, seen TIMESTAMPTZ NOT NULL)",
    "CREATE TABLE pileus_horizon (id INT4 NOT NULL PRIMARY KEY, version INT8 NOT NULL)",
    "INSERT INTO pileus_horizon (id, version) VALUES (1, 0)",
]];

/// The last commit's version and time, and the time now.
pub(crate) const HEAD: &str = "SELECT version, millis, \
     (extract(epoch FROM clock_timestamp()) * 1000)::int8 FROM pileus_head WHERE id = 1";

pub(crate) const GET: &str = "SELECT value FROM pileus_kv WHERE key = $1 AND version <= $2 \
     UNION ALL \
     SELECT value FROM pileus_old WHERE until > $2 AND key = $1 AND since <= $2";

macro_rules! scan {
    ($direction:literal) => {
        concat!(
            "SELECT key, value FROM (",
            "(SELECT key, value FROM pileus_kv ",
            "WHERE key >= $1 AND key < $2 AND version <= $3 ORDER BY key ",
            $direction,
            " LIMIT $4) UNION ALL ",
            "(SELECT key, value FROM pileus_old ",
            "WHERE until > $3 AND since <= $3 AND key >= $1 AND key < $2 ORDER BY key ",
            $direction,
            " LIMIT $4)) AS entries ORDER BY key ",
            $direction,
            " LIMIT $4"
        )
    };
}

pub(crate) const SCAN: &str = scan!("ASC");
pub(crate) const SCAN_REVERSE: &str = scan!("DESC");

/// The batches after a version.
pub(crate) const FOLLOW: &str = "SELECT version, previous, keys FROM pileus_log \
     WHERE version > $1 ORDER BY version LIMIT $2";
/// Takes the lock that every batch needs.
pub(crate) const LOCK_HEAD: &str = "SELECT version FROM pileus_head WHERE id = 1 FOR UPDATE";
/// The newest values of some keys.
pub(crate) const NEWEST: &str = "SELECT key, value FROM pileus_kv WHERE key = ANY($1)";

/// Takes the lock and a batch's versions, if no other batch has come between.
pub(crate) const CLAIM: &str = "UPDATE pileus_head \
     SET version = $2, writer = $3, batch = $4, millis = GREATEST(millis, $5) \
     WHERE id = 1 AND version = $1";

/// Whether this transaction has claimed its versions.
macro_rules! claimed {
    ($writer:literal, $batch:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM pileus_head WHERE id = 1 AND writer = $",
            $writer,
            " AND batch = $",
            $batch,
            ")"
        )
    };
}

/// Keeps what a batch replaces or deletes.
pub(crate) const KEEP: &str = concat!(
    "INSERT INTO pileus_old (until, key, since, value) ",
    "SELECT $3::int8, kv.key, kv.version, kv.value ",
    "FROM unnest($4::bytea[]) AS written(key) JOIN pileus_kv AS kv ON kv.key = written.key WHERE ",
    claimed!("1", "2")
);
pub(crate) const DELETE: &str =
    concat!("DELETE FROM pileus_kv WHERE key = ANY($3::bytea[]) AND ", claimed!("1", "2"));
pub(crate) const PUT: &str = concat!(
    "INSERT INTO pileus_kv (key, version, value) SELECT written.key, $3::int8, written.value ",
    "FROM unnest($4::bytea[], $5::bytea[]) AS written(key, value) WHERE ",
    claimed!("1", "2"),
    " ON CONFLICT (key) DO UPDATE SET version = excluded.version, value = excluded.value"
);
pub(crate) const LOG: &str = concat!(
    "INSERT INTO pileus_log (version, previous, keys) SELECT $3::int8, $4::int8, $5::bytea WHERE ",
    claimed!("1", "2")
);
/// Leaves the batch's number. A node that pins nothing pins the largest version.
pub(crate) const MARK: &str = concat!(
    "INSERT INTO pileus_node (id, batch, pinned, seen) ",
    "SELECT $1::text, $2::int8, 9223372036854775807, now() WHERE ",
    claimed!("1", "2"),
    " ON CONFLICT (id) DO UPDATE SET batch = excluded.batch"
);

/// Moves the head, so that no batch that was sent before can claim its versions any more.
pub(crate) const FENCE: &str = "UPDATE pileus_head SET version = version + 1, writer = $1, batch = $2 \
     WHERE id = 1 RETURNING version";
pub(crate) const FENCE_LOG: &str = "INSERT INTO pileus_log (version, previous, keys) \
     VALUES ($1, $2, ''::bytea)";
/// The number of the node's last batch that took effect.
pub(crate) const MARKED: &str = "SELECT batch FROM pileus_node WHERE id = $1";

/// Says that a node is there, and which version its oldest snapshot needs.
pub(crate) const SEEN: &str = "INSERT INTO pileus_node (id, batch, pinned, seen) \
     VALUES ($1, 0, $2, now()) \
     ON CONFLICT (id) DO UPDATE SET pinned = excluded.pinned, seen = excluded.seen";
/// The first of the nodes that are there, how many they are, and the oldest version that one needs.
pub(crate) const NODES: &str = "SELECT min(id), count(*), min(pinned) FROM pileus_node \
     WHERE seen > now() - INTERVAL '60 seconds'";
pub(crate) const RAISE_HORIZON: &str =
    "UPDATE pileus_horizon SET version = $1 WHERE id = 1 AND version < $1";
pub(crate) const HORIZON: &str = "SELECT version FROM pileus_horizon WHERE id = 1";

/// Where a step of the sweep ends.
pub(crate) const SWEEP_OLD_TO: &str = "SELECT until FROM pileus_old WHERE until <= $1 \
     ORDER BY until LIMIT 1 OFFSET $2";
pub(crate) const SWEEP_OLD: &str = "DELETE FROM pileus_old WHERE until <= $1";
pub(crate) const SWEEP_LOG_TO: &str = "SELECT version FROM pileus_log WHERE version <= $1 \
     ORDER BY version LIMIT 1 OFFSET $2";
pub(crate) const SWEEP_LOG: &str = "DELETE FROM pileus_log WHERE version <= $1";
pub(crate) const SWEEP_NODES: &str =
    "DELETE FROM pileus_node WHERE seen < now() - INTERVAL '1 hour'";
