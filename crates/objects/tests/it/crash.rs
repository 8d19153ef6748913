//! The process dies at any step of a write. A life of it is a runtime that is dropped in the middle
//! of a request; the next one finds what is in the store and in the folder of blobs.
//!
//! Then there is all of the write or nothing of it, all of it if it was acknowledged; what had not
//! happened can be done again; and when the background work is done, every file is the blob of a
//! record, and no record lacks its blob.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::{
    common::{ask, between, count, create, get, header, ok, put},
    jobs::run_jobs,
    uploads::{begin, document},
};
use backup::{Checker, RecordTable};
use blob::Blobs;
use bytes::Bytes;
use clock::Ids;
use futures_util::future::{BoxFuture, FutureExt};
use kv::Engine;
use kv_memory::{Faults, Faulty, MemoryEngine};
use service::{Definition, records, tag};
use std::{future::poll_fn, mem::ManuallyDrop, path::Path, sync::Arc, task::Poll, time::Duration};
use tempfile::TempDir;
use testkit::{Bed, TestIdentities};
use tokio::runtime::Runtime;

/// A body of several parts on its way to the disk.
const LARGE: usize = 2_500_000;
/// A body that is a blob.
const BLOB: usize = 100_000;
/// More steps than any request here has.
const MAX_STEPS: usize = 2_000;
/// Later than every file, so that the check knows them all.
const LATER: Duration = Duration::from_secs(100 * 365 * 24 * 3_600);

/// The objects of a test, by key.
const KEYS: [&str; 2] = ["a", "b"];

/// What outlives a process.
struct Disk {
    engine: Arc<dyn Engine>,
    folder: TempDir,
}

/// One life of a process.
struct Life {
    bed: Bed,
    blobs: Blobs,
    definitions: Vec<Definition>,
}

impl Disk {
    fn new() -> Self {
        // Reads and commits give way, so that there is a step before and after each.
        let faults = Faults { yields: 3, ..Faults::default() };
        let engine = Arc::new(Faulty::new(Arc::new(MemoryEngine::new()), 1, faults));
        Self { engine, folder: tempfile::tempdir().unwrap() }
    }

    fn live(&self) -> Life {
        let (mut made, folder) = (None, self.folder.path());
        let bed = Bed::with_identities(self.engine.clone(), |platform| {
            let entropy = || Ids::from_entropy().unwrap();
            let blobs = Blobs::local(platform.store.clone(), tag::BLOB, folder).unwrap();
            let blobs = blobs.with_master_key(&[7; 32], entropy());
            let (platform, own) = (platform.clone(), blobs.clone());
            let service = objects::Objects::new(objects::Parts { platform, blobs, ids: entropy() });
            let define = || vec![objects::definition(&service)];
            made = Some((own, define()));
            (define(), Arc::new(TestIdentities::default()))
        });
        let (blobs, definitions) = made.unwrap();
        Life { bed, blobs, definitions }
    }

    /// A whole life.
    fn run<T>(&self, act: impl AsyncFnOnce(&Life) -> T) -> T {
        runtime().block_on(async { act(&self.live()).await })
    }

    /// A life that ends when the request has given way so often; whether the request had ended.
    fn die_after(&self, steps: usize, case: &Case, state: &str) -> bool {
        runtime().block_on(async {
            let life = self.live();
            // Nothing is dropped in order: a dead process runs nothing.
            let mut request = ManuallyDrop::new((case.act)(&life, state));
            let mut left = steps;
            poll_fn(|context| match request.poll_unpin(context) {
                Poll::Ready(()) => Poll::Ready(true),
                Poll::Pending if left == 0 => Poll::Ready(false),
                Poll::Pending => {
                    left -= 1;
                    Poll::Pending
                }
            })
            .await
        })
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn noise(len: usize, seed: u64) -> Vec<u8> {
    (0..len as u64)
        .map(|at| ((at + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8)
        .collect()
}

/// What the objects hold.
type Seen = [Option<Bytes>; 2];

impl Life {
    async fn seen(&self) -> Seen {
        let mut seen = [None, None];
        for (key, seen) in KEYS.iter().zip(&mut seen) {
            let reply = ask(&self.bed.root(), "GET", &format!("/photos/{key}"), &[], "").await;
            match reply.status {
                200 => *seen = Some(reply.body),
                status => assert_eq!(status, 404, "{}", reply.text()),
            }
        }
        seen
    }

    /// Nothing is left that no record needs, and every record has what it needs.
    async fn is_clean(&self, folder: &Path) {
        run_jobs(&self.bed, &self.definitions).await;
        assert_eq!(count(&self.bed, tag::BLOB.0).await, 0, "an intent is left");
        let table = records::common().into_iter().chain(objects::records());
        let table = Arc::new(RecordTable::new(table));
        let snapshot = self.bed.platform.store.snapshot().await.unwrap();
        let now = self.bed.platform.clock.now() + LATER;
        let mut checker = Checker::new(snapshot, self.blobs.clone(), table, now);
        let (mut findings, mut known) = (Vec::new(), 0);
        loop {
            let step = checker.step().await.unwrap();
            findings.extend(step.findings);
            known = known.max(step.blobs);
            if step.done {
                break;
            }
        }
        assert!(findings.is_empty(), "{findings:?}");
        let folders = std::fs::read_dir(folder).unwrap();
        let files = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
        assert_eq!(files.count() as u64, known, "a file is no blob");
    }
}

type Prepare = for<'a> fn(&'a Life) -> BoxFuture<'a, String>;
type Act = for<'a> fn(&'a Life, &'a str) -> BoxFuture<'a, ()>;

/// A write that dies.
struct Case {
    /// What is there before; the answer is what `act` needs to know.
    prepare: Prepare,
    act: Act,
}

impl Case {
    /// A disk on which the write has not begun.
    fn prepared(&self) -> (Disk, String) {
        let disk = Disk::new();
        let state = disk.run(async |life| {
            create(&life.bed, "photos").await;
            (self.prepare)(life).await
        });
        (disk, state)
    }

    fn dies_at_every_step(&self) {
        let (disk, state) = self.prepared();
        let before = disk.run(async |life| life.seen().await);
        let after = disk.run(async |life| {
            (self.act)(life, &state).await;
            life.seen().await
        });
        let mut outcomes = [0; 2];
        for steps in 0..MAX_STEPS {
            let (disk, state) = self.prepared();
            let acknowledged = disk.die_after(steps, self, &state);
            disk.run(async |life| {
                let seen = life.seen().await;
                assert!(seen == after || !acknowledged && seen == before, "after {steps} steps");
                outcomes[usize::from(seen == after)] += 1;
                life.is_clean(disk.folder.path()).await;
                assert!(life.seen().await == seen, "the background work after {steps} steps");
                if seen == before && before != after {
                    (self.act)(life, &state).await;
                    assert!(life.seen().await == after, "again after {steps} steps");
                    life.is_clean(disk.folder.path()).await;
                }
            });
            if acknowledged {
                assert!(before == after || outcomes[0] > 3, "it has hardly died: {outcomes:?}");
                return;
            }
        }
        panic!("the write does not end");
    }
}

async fn nothing(life: &Life) -> String {
    put(&life.bed, "/photos/a", noise(BLOB, 1)).await;
    String::new()
}

#[test]
fn a_put_that_dies_has_replaced_the_object_or_not() {
    let act: Act = |life, _| put(&life.bed, "/photos/a", noise(LARGE, 2)).map(drop).boxed();
    Case { prepare: |life| nothing(life).boxed(), act }.dies_at_every_step();
}

#[test]
fn a_put_of_few_bytes_that_dies_has_replaced_the_object_or_not() {
    let act: Act = |life, _| put(&life.bed, "/photos/a", "few").map(drop).boxed();
    Case { prepare: |life| nothing(life).boxed(), act }.dies_at_every_step();
}

#[test]
fn a_copy_that_dies_is_there_or_not_and_its_source_always() {
    let act: Act = |life, _| {
        let source = [("x-amz-copy-source", "/photos/a")];
        async move { drop(ok(&life.bed, "PUT", "/photos/b", &source, "").await) }.boxed()
    };
    Case { prepare: |life| nothing(life).boxed(), act }.dies_at_every_step();
}

#[test]
fn a_deletion_that_dies_has_happened_or_not() {
    let act: Act =
        |life, _| async move { drop(ok(&life.bed, "DELETE", "/photos/a", &[], "").await) }.boxed();
    Case { prepare: |life| nothing(life).boxed(), act }.dies_at_every_step();
}

async fn upload_of_two_parts(life: &Life) -> String {
    nothing(life).await;
    let id = begin(&life.bed, "/photos/a", &[]).await;
    let part = format!("/photos/a?partNumber=1&uploadId={id}");
    ok(&life.bed, "PUT", &part, &[], noise(BLOB, 3)).await;
    // Not listed: it goes with the completion.
    let part = format!("/photos/a?partNumber=2&uploadId={id}");
    ok(&life.bed, "PUT", &part, &[], noise(BLOB, 4)).await;
    id
}

#[test]
fn a_completion_that_dies_has_replaced_the_object_or_the_upload_is_as_it_was() {
    let act: Act = |life, id| {
        async move {
            let parts = get(&life.bed, &format!("/photos/a?uploadId={id}")).await;
            let etag = between(&parts.text(), "ETag");
            let path = format!("/photos/a?uploadId={id}");
            ok(&life.bed, "POST", &path, &[], document(&[(1, &etag)])).await;
        }
        .boxed()
    };
    Case { prepare: |life| upload_of_two_parts(life).boxed(), act }.dies_at_every_step();
}

#[test]
fn a_part_and_an_abort_that_die_leave_nothing_after_the_upload() {
    let act: Act = |life, id| {
        async move {
            let part = format!("/photos/a?partNumber=1&uploadId={id}");
            let reply = ok(&life.bed, "PUT", &part, &[], noise(LARGE, 5)).await;
            assert!(!header(&reply, "etag").is_empty());
            ok(&life.bed, "DELETE", &format!("/photos/a?uploadId={id}"), &[], "").await;
        }
        .boxed()
    };
    Case { prepare: |life| upload_of_two_parts(life).boxed(), act }.dies_at_every_step();
}

#[test]
fn background_work_that_dies_ends_later() {
    let prepare: Prepare = |life| {
        async move {
            let id = upload_of_two_parts(life).await;
            ok(&life.bed, "DELETE", &format!("/photos/a?uploadId={id}"), &[], "").await;
            ok(&life.bed, "DELETE", "/photos/a", &[], "").await;
            String::new()
        }
        .boxed()
    };
    let act: Act = |life, _| run_jobs(&life.bed, &life.definitions).boxed();
    Case { prepare, act }.dies_at_every_step();
}
