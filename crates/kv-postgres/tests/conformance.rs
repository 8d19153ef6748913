//! The engine on a real PostgreSQL passes the suite of every engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clock::Ids;
use futures_util::future::BoxFuture;
use kv::{Commit, Committed, Engine, Error, Snapshot, Wake, Watch};
use kv_conformance::postgres::Database;
use kv_postgres::PostgresEngine;
use types::Secret;

async fn node(database: &Database) -> PostgresEngine {
    let ids = Ids::from_entropy().expect("entropy");
    let url = Secret::new(database.url());
    PostgresEngine::open(&url, &ids).await.expect("an empty database can be opened")
}

async fn open() -> (Arc<dyn Engine>, Database) {
    let database = Database::create().await;
    (Arc::new(node(&database).await), database)
}

kv_conformance::conformance!(open().await);

/// The same on two nodes at once: whoever reads on one commits on the other.
mod on_two_nodes {
    use super::*;

    struct Two {
        nodes: [PostgresEngine; 2],
        turn: AtomicU64,
    }

    impl Two {
        fn next(&self) -> &PostgresEngine {
            &self.nodes[(self.turn.fetch_add(1, Ordering::Relaxed) % 2) as usize]
        }
    }

    impl Engine for Two {
        fn snapshot(&self) -> BoxFuture<'_, Result<Arc<dyn Snapshot>, Error>> {
            self.next().snapshot()
        }

        fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, Error>> {
            self.next().commit(commit)
        }

        fn watch(&self, prefix: &[u8], wake: Wake) -> Watch {
            self.nodes[0].watch(prefix, wake)
        }
    }

    async fn open() -> (Arc<dyn Engine>, Database) {
        let database = Database::create().await;
        let (first, second) = tokio::join!(node(&database), node(&database));
        (Arc::new(Two { nodes: [first, second], turn: AtomicU64::new(0) }), database)
    }

    kv_conformance::conformance!(open().await);
}
