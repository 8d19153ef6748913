//! A deployment whose process dies at any moment goes on where it ended.

use crate::support::{Things, World};
use futures_util::future::BoxFuture;
use kv::{Commit, Committed, Engine, Error, Snapshot};
use kv_memory::MemoryEngine;
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// An engine that dies: after so many commits it takes no more.
struct Mortal {
    inner: Arc<MemoryEngine>,
    left: AtomicUsize,
}

impl Mortal {
    fn spend(&self) -> Result<(), Error> {
        let spent =
            self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        spent.map(|_| ()).map_err(|_| Error::Unavailable("dead".into()))
    }
}

impl Engine for Mortal {
    fn snapshot(&self) -> BoxFuture<'_, Result<Arc<dyn Snapshot>, Error>> {
        self.inner.snapshot()
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, Error>> {
        Box::pin(async move {
            self.spend()?;
            self.inner.commit(commit).await
        })
    }

    fn watch(&self, prefix: &[u8], wake: kv::Wake) -> kv::Watch {
        self.inner.watch(prefix, wake)
    }
}

const BEFORE: &str = "
Resources:
  A: {Type: 'Test::Thing::Thing', Properties: {Size: 1}}
  B: {Type: 'Test::Thing::Thing', Properties: {Link: !Ref A}}
";
const AFTER: &str = "
Resources:
  A: {Type: 'Test::Thing::Thing', Properties: {Fixed: new}}
  B: {Type: 'Test::Thing::Thing', Properties: {Link: !Ref A}}
  C: {Type: 'Test::Thing::Thing', Properties: {Link: !Ref B}}
";

/// Runs a deployment that dies after `commits` commits, and then another process to its end. The
/// answer is the other process, and whether the first one died.
async fn run(memory: &Arc<MemoryEngine>, things: &Things, commits: usize) -> (World, bool) {
    let mortal = Mortal { inner: memory.clone(), left: AtomicUsize::new(commits) };
    let first = World::on(Arc::new(mortal), things.clone());
    let (_, record) = first.due_job().await.unwrap();
    let died = first.deploy().step(&record).await.is_err();
    let second = World::on(memory.clone(), things.clone());
    second.run_jobs().await;
    (second, died)
}

#[tokio::test]
async fn a_creation_survives_a_death_after_every_commit() {
    for commits in 0.. {
        let (memory, things) = (Arc::new(MemoryEngine::new()), Things::default());
        let world = World::on(memory.clone(), things.clone());
        world.ok("CreateStack", json!({"StackName": "s", "TemplateBody": BEFORE})).await;
        let (world, died) = run(&memory, &things, commits).await;
        assert_eq!(world.status("s").await, "CREATE_COMPLETE", "{commits}");
        let ids = world.physical_ids("s").await;
        let existing: Vec<String> = things.existing().keys().cloned().collect();
        assert_eq!(existing, ids.values().cloned().collect::<Vec<_>>(), "{commits}");
        if !died {
            assert!(commits > 5);
            return;
        }
    }
}

#[tokio::test]
async fn an_update_survives_a_death_after_every_commit_whether_it_fails_or_not() {
    for failure in [None, Some("create C"), Some("update B")] {
        for commits in 0.. {
            let (memory, things) = (Arc::new(MemoryEngine::new()), Things::default());
            let world = World::on(memory.clone(), things.clone());
            world.create("s", BEFORE).await;
            let before = things.existing();
            if let Some(call) = failure {
                things.fail(call, 400, 1);
            }
            world.ok("UpdateStack", json!({"StackName": "s", "TemplateBody": AFTER})).await;
            let (world, died) = run(&memory, &things, commits).await;
            let status = world.status("s").await;
            let what = format!("{failure:?} {commits} {status}");
            // A failure that was never recorded may go well the second time.
            match status.as_str() {
                "UPDATE_COMPLETE" => assert_eq!(things.existing().len(), 3, "{what}"),
                "UPDATE_ROLLBACK_COMPLETE" => assert_eq!(things.existing(), before, "{what}"),
                _ => panic!("{what}"),
            }
            if !died {
                assert_eq!(status == "UPDATE_COMPLETE", failure.is_none());
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_deletion_survives_a_death_after_every_commit() {
    for commits in 0.. {
        let (memory, things) = (Arc::new(MemoryEngine::new()), Things::default());
        let world = World::on(memory.clone(), things.clone());
        let id = world.create("s", AFTER).await;
        world.ok("DeleteStack", json!({"StackName": "s"})).await;
        let (world, died) = run(&memory, &things, commits).await;
        assert_eq!(world.status(&id).await, "DELETE_COMPLETE", "{commits}");
        assert!(things.existing().is_empty(), "{commits}");
        if !died {
            return;
        }
    }
}

#[tokio::test]
async fn a_worker_that_was_overtaken_writes_nothing_more() {
    let (memory, things) = (Arc::new(MemoryEngine::new()), Things::default());
    let world = World::on(memory.clone(), things.clone());
    world.ok("CreateStack", json!({"StackName": "s", "TemplateBody": BEFORE})).await;
    let (_, record) = world.due_job().await.unwrap();
    let (one, other) = (world.deploy(), World::on(memory, things.clone()));
    let (first, second) = futures_util::future::join(one.step(&record), other.run_jobs()).await;
    let () = second;
    assert!(first.is_err(), "two workers deployed the same stack");
    assert_eq!(other.status("s").await, "CREATE_COMPLETE");
    assert_eq!(things.existing().len(), 2);
}
