//! What lies on the disk, and what is found when it was changed.

use super::*;
use crate::seal::SEALED_FRAME_BYTES;
use std::fs;

const SIZE: usize = 200_000;

async fn sealed(bed: &Bed, id: BlobId) -> BlobRef {
    bed.upload(id, Encryption::Sealed, &[&noise(SIZE)]).await
}

#[tokio::test]
async fn what_lies_on_the_disk_is_ciphertext() {
    let bed = Bed::new();
    let secret = b"a sentence that nobody else may read".repeat(4000);
    bed.upload(id(1), Encryption::Sealed, &[&secret]).await;
    bed.upload(id(2), Encryption::None, &[&secret]).await;
    let has = |id| {
        let stored = fs::read(bed.file(id)).unwrap();
        stored.windows(16).any(|window| window == &secret[..16])
    };
    assert!(!has(id(1)));
    assert!(has(id(2)), "the search finds what is not encrypted");
}

#[tokio::test]
async fn the_same_bytes_are_sealed_in_another_way_each_time() {
    let bed = Bed::new();
    sealed(&bed, id(1)).await;
    let first = fs::read(bed.file(id(1))).unwrap();
    sealed(&bed, id(1)).await;
    assert_ne!(fs::read(bed.file(id(1))).unwrap(), first);
}

#[tokio::test]
async fn a_sealed_blob_opens_only_under_its_key() {
    let bed = Bed::new();
    let blob = sealed(&bed, id(1)).await;
    let other = with_key(&bed.store, bed.folder.path(), 2);
    assert!(matches!(read(&other, &blob, 0..9).await, Err(Error::Damaged { .. })));
    let without = Blobs::local(bed.store.clone(), TAG, bed.folder.path()).unwrap();
    assert!(matches!(read(&without, &blob, 0..9).await, Err(Error::NoKey)));
    assert!(matches!(without.begin_upload(id(2), Encryption::Sealed), Err(Error::NoKey)));
}

#[tokio::test]
async fn every_kind_of_damage_to_a_sealed_blob_is_found() {
    let bed = Bed::new();
    let blob = sealed(&bed, id(1)).await;
    let good = fs::read(bed.file(id(1))).unwrap();
    sealed(&bed, id(2)).await;
    let other_blob = fs::read(bed.file(id(2))).unwrap();
    let swapped = [
        &good[SEALED_FRAME_BYTES..2 * SEALED_FRAME_BYTES],
        &good[..SEALED_FRAME_BYTES],
        &good[2 * SEALED_FRAME_BYTES..],
    ];
    let mut flipped = good.clone();
    flipped[150_000] ^= 1;
    let damaged = [
        ("a flipped bit", flipped),
        ("frames in another order", swapped.concat()),
        ("another blob", other_blob),
        ("cut off within a frame", good[..good.len() - 1].to_vec()),
        ("cut off after a frame", good[..SEALED_FRAME_BYTES].to_vec()),
        ("longer", [&good[..], b"x"].concat()),
        ("empty", Vec::new()),
    ];
    for (how, bytes) in damaged {
        fs::write(bed.file(id(1)), bytes).unwrap();
        let error = read(&bed.blobs, &blob, 0..blob.bytes).await.expect_err(how);
        assert!(matches!(error, Error::Damaged { .. }), "{how}: {error}");
    }
    fs::remove_file(bed.file(id(1))).unwrap();
    assert!(matches!(read(&bed.blobs, &blob, 0..1).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn a_last_frame_that_is_dropped_together_with_the_recorded_size_is_found() {
    let bed = Bed::new();
    let blob = sealed(&bed, id(1)).await;
    let good = fs::read(bed.file(id(1))).unwrap();
    fs::write(bed.file(id(1)), &good[..SEALED_FRAME_BYTES]).unwrap();
    let shorter = BlobRef { bytes: crate::FRAME_BYTES as u64, ..blob };
    let error = read(&bed.blobs, &shorter, 0..shorter.bytes).await.unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
}

#[tokio::test]
async fn a_plain_blob_of_another_size_is_found() {
    let bed = Bed::new();
    let blob = bed.upload(id(1), Encryption::None, &[b"four"]).await;
    for stored in ["fou", "fours", ""] {
        fs::write(bed.file(id(1)), stored).unwrap();
        let error = read(&bed.blobs, &blob, 0..4).await.unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error}");
    }
}

#[tokio::test]
async fn damage_far_from_a_range_does_not_keep_it_from_being_read() {
    let bed = Bed::new();
    let blob = sealed(&bed, id(1)).await;
    let mut stored = fs::read(bed.file(id(1))).unwrap();
    *stored.last_mut().unwrap() ^= 1;
    fs::write(bed.file(id(1)), stored).unwrap();
    assert_eq!(read(&bed.blobs, &blob, 5..70_000).await.unwrap(), noise(SIZE)[5..70_000]);
    assert!(read(&bed.blobs, &blob, 5..blob.bytes).await.is_err());
}
