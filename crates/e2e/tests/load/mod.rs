//! Many people who sign up at once, until the node is gone, and a book of what they were told.

use anyhow::{Context, Result, bail, ensure};
use e2e::demo::Door;
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
};

/// People who sign up at the same time.
const CLIENTS: usize = 16;
/// One of so many is somebody whose welcome always fails.
const POISONED_ONE_OF: usize = 12;

/// What was sent and what of it was acknowledged.
#[derive(Debug, Default)]
pub(crate) struct Book {
    /// Every address that a sign-up was sent for.
    pub(crate) sent: BTreeSet<String>,
    /// The names of those whose sign-up was acknowledged, by address.
    pub(crate) acknowledged: BTreeMap<String, String>,
    /// The SHA-256 of uploaded files, by name.
    pub(crate) files: BTreeMap<String, String>,
}

impl Book {
    /// The addresses of the acknowledged whose welcome always fails.
    pub(crate) fn poisoned(&self) -> BTreeSet<String> {
        self.acknowledged.keys().filter(|email| is_poisoned(email)).cloned().collect()
    }

    /// Adds what another has.
    pub(crate) fn add(&mut self, other: Self) {
        self.sent.extend(other.sent);
        self.acknowledged.extend(other.acknowledged);
        self.files.extend(other.files);
    }
}

/// Whether this one's welcome always fails.
pub(crate) fn is_poisoned(email: &str) -> bool {
    email.ends_with("@poison.example")
}

/// A load that goes on until its node is gone.
pub(crate) struct Load {
    book: Arc<Mutex<Book>>,
    clients: JoinHandle<Result<()>>,
}

impl Load {
    /// Begins to sign people up; `round` makes their addresses this load's own.
    pub(crate) fn begin(door: &Door, round: usize) -> Self {
        let book = Arc::<Mutex<Book>>::default();
        let (door, notes) = (door.clone(), book.clone());
        let clients = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let tasks: Vec<_> = (0..CLIENTS)
                    .map(|client| tokio::spawn(sign_up(door.clone(), round, client, notes.clone())))
                    .collect();
                for task in tasks {
                    task.await??;
                }
                Ok(())
            })
        });
        Self { book, clients }
    }

    /// How many were acknowledged until now, and how many of these are poisoned.
    ///
    /// # Errors
    /// The load has ended before its node.
    pub(crate) fn acknowledged(&self) -> Result<(usize, usize)> {
        ensure!(!self.clients.is_finished(), "the load has ended before the kill");
        let book = lock(&self.book);
        Ok((book.acknowledged.len(), book.poisoned().len()))
    }

    /// Waits until all have seen that the node is gone.
    ///
    /// # Errors
    /// Somebody was told something that is not so.
    pub(crate) fn end(self) -> Result<Book> {
        self.clients.join().ok().context("the load has panicked")??;
        Ok(std::mem::take(&mut lock(&self.book)))
    }
}

async fn sign_up(door: Door, round: usize, client: usize, book: Arc<Mutex<Book>>) -> Result<()> {
    for number in 0.. {
        let domain = if number % POISONED_ONE_OF == 5 { "poison.example" } else { "example.com" };
        let email = format!("r{round}-c{client}-{number}@{domain}");
        let name = format!("Zoë \"{number}\" O'Hara \\ 雲 of round {round}, client {client}");
        lock(&book).sent.insert(email.clone());
        // Without an answer the node is gone, and nobody knows whether this one is kept.
        let Ok((status, body)) = door.sign_up(&email, &name).await else { return Ok(()) };
        match status {
            201 => {
                ensure!(body == json!({"email": email, "name": name}), "{email}: told {body}");
                lock(&book).acknowledged.insert(email, name);
            }
            // A busy host may refuse or be too slow, and says so: that acknowledges nothing.
            429 | 500..=599 => {}
            _ => bail!("{email}: status {status}, {body}"),
        }
    }
    Ok(())
}

fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}
