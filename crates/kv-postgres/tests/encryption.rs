//! Which servers an encrypted connection is made to, with a real PostgreSQL and a certificate of an
//! authority that nobody else knows.

#![allow(clippy::unwrap_used, reason = "every function here is part of a test")]

use clock::Ids;
use kv::{Key, KeyBuilder, Store, Tag, Value};
use kv_conformance::tcp_postgres::TcpServer;
use kv_postgres::PostgresEngine;
use types::Secret;

/// Opens the store at a URL, writes and reads; the text of what fails.
async fn uses(url: &str) -> Result<(), String> {
    let key: Key = KeyBuilder::new(Tag(0xffee)).str("encrypted").build();
    let work = async {
        let ids = Ids::from_entropy().unwrap();
        let store = Store::new(PostgresEngine::open(&Secret::new(url), &ids).await?);
        let mut tx = store.begin();
        tx.put(key.clone(), Value::from_static(b"1"))?;
        tx.commit().await?;
        assert!(store.begin().get(&key).await?.is_some());
        Ok::<_, kv::Error>(())
    };
    work.await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_server_with_a_certificate_is_used_encrypted_and_verified_if_that_is_wanted() {
    let server = TcpServer::encrypted();
    // It takes no other connections, so what works is encrypted.
    let roots = format!("&sslmode=verify-full&sslrootcert={}", server.authority().display());
    for options in ["", "&sslmode=prefer", "&sslmode=require", &roots] {
        uses(&server.url("localhost", options)).await.unwrap();
    }
    for (host, options, part) in [
        ("localhost", "&sslmode=disable", "no encryption"),
        ("another.test", &*roots, "certificate"),
        ("localhost", "&sslmode=verify-full", "certificate"),
    ] {
        let error = uses(&server.url(host, options)).await.unwrap_err();
        assert!(error.contains(part), "{host} {options}: {error}");
    }
    uses(&server.url("another.test", "&sslmode=require")).await.unwrap();
}

#[tokio::test]
async fn a_server_without_encryption_is_used_unless_it_is_required() {
    let server = TcpServer::plain();
    for options in ["", "&sslmode=disable"] {
        uses(&server.url("localhost", options)).await.unwrap();
    }
    for options in ["&sslmode=require", "&sslmode=verify-full"] {
        let error = uses(&server.url("localhost", options)).await.unwrap_err();
        assert!(error.contains("TLS"), "{options}: {error}");
    }
}
