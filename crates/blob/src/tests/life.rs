//! What becomes of blobs, and of uploads that do not end well.

use super::*;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

#[tokio::test]
async fn a_blob_that_was_adopted_is_not_collected() {
    let bed = Bed::new();
    bed.intend(id(7)).await;
    bed.blobs.upload(id(7), "code".into()).await.unwrap();
    bed.adopt(id(7)).await.unwrap();
    bed.blobs.collect(id(7), NOW).await.unwrap();
    assert_eq!(bed.blobs.read(id(7)).await.unwrap(), "code");
}

#[tokio::test]
async fn a_blob_that_nothing_refers_to_is_collected_and_cannot_be_adopted_any_more() {
    let bed = Bed::new();
    bed.intend(id(7)).await;
    bed.blobs.upload(id(7), "code".into()).await.unwrap();
    bed.blobs.collect(id(7), NOW).await.unwrap();
    assert!(matches!(bed.blobs.read(id(7)).await, Err(Error::NotFound(_))));
    assert!(matches!(bed.adopt(id(7)).await, Err(Error::Collected(_))));
}

#[tokio::test]
async fn an_intent_whose_upload_never_came_is_collected() {
    let bed = Bed::new();
    bed.intend(id(7)).await;
    bed.blobs.collect(id(7), NOW).await.unwrap();
    assert!(matches!(bed.adopt(id(7)).await, Err(Error::Collected(_))));
    assert_eq!(bed.store.begin().scan(&TAG.range(), kv::Scan::first(1)).await.unwrap(), []);
}

#[tokio::test]
async fn nothing_is_collected_while_somebody_holds_the_blobs() {
    let bed = Bed::new();
    bed.intend(id(7)).await;
    bed.blobs.upload(id(7), "code".into()).await.unwrap();
    let until = |seconds| Timestamp::from_secs(seconds);
    for (holder, end) in [("one", 10), ("other", 20)] {
        let mut tx = bed.store.begin();
        bed.blobs.hold(&mut tx, holder, until(end), NOW).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert!(matches!(bed.blobs.collect(id(7), until(15)).await, Err(Error::Held)));
    let mut tx = bed.store.begin();
    bed.blobs.release(&mut tx, "other").await.unwrap();
    tx.commit().await.unwrap();
    assert!(matches!(bed.blobs.collect(id(7), until(9)).await, Err(Error::Held)));
    assert_eq!(bed.blobs.read(id(7)).await.unwrap(), "code");
    let mut tx = bed.store.begin();
    for entry in tx.scan(&TAG.range(), kv::Scan::first(9)).await.unwrap() {
        crate::check_entry(TAG, &entry).unwrap();
    }
    bed.blobs.collect(id(7), until(10)).await.unwrap();
    assert!(matches!(bed.blobs.read(id(7)).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn what_is_copied_as_it_is_stored_opens_with_its_reference() {
    let bed = Bed::new();
    let blob = bed.upload(id(1), Encryption::Sealed, &[&noise(200_000)]).await;
    let (bytes, stored) = bed.blobs.read_stored(id(1)).await.unwrap();
    let stored = stored.try_collect::<Vec<_>>().await.unwrap().concat();
    assert_eq!((bytes, stored.len() as u64), (blob.stored_bytes(), blob.stored_bytes()));
    let part = bed.blobs.read_stored_range(id(1), 100_000..9_999_999).await.unwrap();
    assert_eq!(part, stored[100_000..]);
    let other = Bed::new();
    let mut copy = other.blobs.copy_in(id(1));
    copy.write(stored.into()).await.unwrap();
    copy.finish().await.unwrap();
    assert_eq!(read(&other.blobs, &blob, 0..blob.bytes).await.unwrap(), noise(200_000));
    assert_eq!(other.blobs.stored_bytes(id(2)).await.unwrap(), None);
}

#[tokio::test]
async fn an_upload_that_is_dropped_is_never_a_blob_and_leaves_nothing_after_collection() {
    for encryption in [Encryption::None, Encryption::Sealed] {
        let bed = Bed::new();
        bed.intend(id(7)).await;
        let mut upload = bed.blobs.begin_upload(id(7), encryption).unwrap();
        upload.write(noise(3 << 20).into()).await.unwrap();
        assert_eq!(bed.files().len(), 1, "it is on its way to the disk");
        drop(upload);
        assert!(matches!(bed.blobs.read(id(7)).await, Err(Error::NotFound(_))));
        bed.blobs.collect(id(7), NOW).await.unwrap();
        assert_eq!(bed.files(), Vec::<PathBuf>::new());
    }
}

/// As after the death of the process: nobody ran what a drop would have run.
#[tokio::test]
async fn what_a_dead_process_left_of_an_upload_is_collected() {
    let bed = Bed::new();
    bed.intend(id(7)).await;
    let mut upload = bed.blobs.begin_upload(id(7), Encryption::Sealed).unwrap();
    upload.write(noise(3 << 20).into()).await.unwrap();
    std::mem::forget(upload);
    assert_eq!(bed.files().len(), 1);
    assert_eq!(bed.blobs.list(7).await.unwrap(), [], "an unfinished upload is no blob");
    bed.blobs.collect(id(7), NOW).await.unwrap();
    assert_eq!(bed.files(), Vec::<PathBuf>::new());
}

#[derive(Debug)]
enum Failure {
    Client,
    Blob(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Blob(error)
    }
}

#[tokio::test]
async fn a_stream_that_fails_gives_its_own_error_and_no_blob() {
    let bed = Bed::new();
    bed.intend(id(7)).await;
    let chunks = [Ok(Bytes::from(noise(3 << 20))), Err(Failure::Client)];
    let uploaded = bed.blobs.upload_stream(id(7), Encryption::None, stream::iter(chunks)).await;
    assert!(matches!(uploaded, Err(Failure::Client)));
    assert!(matches!(bed.blobs.read(id(7)).await, Err(Error::NotFound(_))));
    bed.blobs.collect(id(7), NOW).await.unwrap();
    assert_eq!(bed.files(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_failure_of_the_storage_comes_through_the_stream_s_error() {
    let bed = Bed::new();
    std::fs::remove_dir_all(bed.folder.path()).unwrap();
    std::fs::write(bed.folder.path(), "not a folder").unwrap();
    let chunks = stream::iter([Ok::<_, Failure>(Bytes::from_static(b"x"))]);
    let uploaded = bed.blobs.upload_stream(id(7), Encryption::None, chunks).await;
    assert!(matches!(uploaded, Err(Failure::Blob(Error::Folder(_)))), "{uploaded:?}");
    std::fs::remove_file(bed.folder.path()).unwrap();
}

#[tokio::test]
async fn the_list_has_every_blob_once_in_the_order_of_ids() {
    let bed = Bed::new();
    std::fs::create_dir(bed.folder.path().join("00")).unwrap();
    let mut ids: Vec<_> = (0..40)
        .map(|n| {
            BlobId::from_random([[n % 3, 250 - n], [0; 2]].concat().repeat(4).try_into().unwrap())
        })
        .collect();
    for id in &ids {
        bed.upload(*id, Encryption::Sealed, &[b"four"]).await;
    }
    std::fs::write(bed.folder.path().join("00/stranger"), "x").unwrap();
    let mut listed = Vec::new();
    for page in crate::PAGES {
        listed.extend(bed.blobs.list(page).await.unwrap());
    }
    ids.sort_unstable();
    assert_eq!(listed.iter().map(|listed| listed.id).collect::<Vec<_>>(), ids);
    assert!(listed.iter().all(|listed| listed.stored_bytes == 20 && listed.modified > NOW));
}

/// Bytes that are counted while they are alive.
struct Counted(Vec<u8>, Arc<AtomicUsize>);

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.1.fetch_sub(self.0.len(), Ordering::SeqCst);
    }
}

#[tokio::test]
async fn an_upload_holds_a_few_parts_and_not_the_blob() {
    const CHUNK: usize = 128 * 1024;
    let bed = Bed::new();
    let alive = Arc::new(AtomicUsize::new(0));
    let mut most = 0;
    let mut upload = bed.blobs.begin_upload(id(7), Encryption::None).unwrap();
    for _ in 0..256 {
        alive.fetch_add(CHUNK, Ordering::SeqCst);
        let chunk = Counted(vec![1; CHUNK], alive.clone());
        upload.write(Bytes::from_owner(chunk)).await.unwrap();
        most = most.max(alive.load(Ordering::SeqCst));
    }
    let blob = upload.finish().await.unwrap();
    assert_eq!(blob.bytes, 32 << 20);
    assert!(most <= 3 << 20, "{most} bytes were held at once");
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn what_its_owner_keeps_is_sealed_and_opened_without_a_blob() {
    let bed = Bed::new();
    let (blob, sealed) = bed.blobs.seal(id(1), b"kept in the store").unwrap();
    assert!(!sealed.windows(4).any(|bytes| bytes == b"kept"));
    assert_eq!(bed.blobs.open(&blob, &sealed).unwrap(), "kept in the store");
    assert!(matches!(bed.blobs.open(&blob, &sealed[1..]), Err(Error::Damaged { .. })));
    let other = BlobRef { id: id(2), ..blob };
    assert!(matches!(bed.blobs.open(&other, &sealed), Err(Error::Damaged { .. })));
    assert_eq!(bed.files(), Vec::<std::path::PathBuf>::new());
}
