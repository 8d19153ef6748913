//! What a check finds, and what it does not take for damage.

use super::*;
use backup::{Checker, Kind};
use std::{fs, time::Duration};

/// Later than every blob, so that the check knows them all.
const LATER: Duration = Duration::from_secs(100 * 365 * 24 * 3_600);

async fn findings(node: &Node) -> Vec<(Kind, String)> {
    let snapshot = node.store.snapshot().await.unwrap();
    let mut checker = Checker::new(snapshot, node.blobs.clone(), table(), NOW + LATER);
    let mut all = Vec::new();
    loop {
        let step = checker.step().await.unwrap();
        all.extend(step.findings.into_iter().map(|finding| (finding.kind, finding.what)));
        if step.done {
            return all;
        }
    }
}

fn file(node: &Node, id: BlobId) -> std::path::PathBuf {
    let name = id.to_string();
    node.folder.path().join(&name[..2]).join(name)
}

async fn healthy() -> (Node, blob::BlobRef) {
    let node = Node::new();
    let blob = node.add("one", 100).await;
    node.add("other", 100_000).await;
    (node, blob)
}

async fn finds(node: &Node, kind: Kind, part: &str) {
    let found = findings(node).await;
    let [(found_kind, what)] = &found[..] else { panic!("{found:?}") };
    assert_eq!(*found_kind, kind);
    assert!(what.contains(part), "{what}");
}

#[tokio::test]
async fn a_healthy_store_has_no_findings() {
    let (node, _) = healthy().await;
    assert_eq!(findings(&node).await, []);
}

#[tokio::test]
async fn a_missing_blob_is_found() {
    let (node, blob) = healthy().await;
    fs::remove_file(file(&node, blob.id)).unwrap();
    finds(&node, Kind::MissingBlob, &blob.id.to_string()).await;
}

#[tokio::test]
async fn a_blob_of_another_size_is_found() {
    let (node, blob) = healthy().await;
    fs::write(file(&node, blob.id), "short").unwrap();
    finds(&node, Kind::DamagedBlob, &blob.id.to_string()).await;
}

#[tokio::test]
async fn a_blob_that_nothing_refers_to_is_found_unless_it_waits_to_be_collected() {
    let (node, _) = healthy().await;
    let id = BlobId::from_random([9; 16]);
    node.blobs.upload(id, "orphan".into()).await.unwrap();
    finds(&node, Kind::OrphanBlob, &id.to_string()).await;
    let mut tx = node.store.begin();
    node.blobs.intend(&mut tx, id, NOW).unwrap();
    tx.commit().await.unwrap();
    assert_eq!(findings(&node).await, []);
}

#[tokio::test]
async fn a_blob_that_is_newer_than_the_check_is_none_of_its_business() {
    let (node, _) = healthy().await;
    node.blobs.upload(BlobId::from_random([9; 16]), "new".into()).await.unwrap();
    let snapshot = node.store.snapshot().await.unwrap();
    let mut checker = Checker::new(snapshot, node.blobs.clone(), table(), NOW);
    loop {
        let step = checker.step().await.unwrap();
        assert_eq!(step.findings, []);
        if step.done {
            break;
        }
    }
}

#[tokio::test]
async fn an_index_that_is_broken_in_either_direction_is_found() {
    let (node, _) = healthy().await;
    node.delete(key(INDEX, "one")).await;
    finds(&node, Kind::BrokenIndex, "is missing").await;
    node.put(key(INDEX, "one"), b"there").await;
    finds(&node, Kind::BrokenIndex, "is another").await;
    node.put(key(INDEX, "one"), b"here").await;
    node.put(key(INDEX, "nobody"), b"here").await;
    finds(&node, Kind::BrokenIndex, "index of records").await;
}

#[tokio::test]
async fn a_damaged_record_and_an_entry_of_nobody_are_found() {
    let node = Node::new();
    node.put(key(NUMBER, "n"), b"seven").await;
    finds(&node, Kind::DamagedRecord, "number at 7002").await;
    node.delete(key(NUMBER, "n")).await;
    node.put(key(Tag(0x7abc), "n"), b"").await;
    finds(&node, Kind::UnknownEntry, "7abc").await;
}
