//! Any range of any blob, as a vector of the same bytes has it.

use super::*;
use crate::FRAME_BYTES;
use proptest::prelude::*;
use std::sync::OnceLock;

/// Sizes about the edges of frames and of parts.
fn size() -> impl Strategy<Value = usize> {
    let edge = prop::sample::select(vec![0, FRAME_BYTES, 4 * FRAME_BYTES, 16 * FRAME_BYTES]);
    prop_oneof![
        0..600_000_usize,
        (edge, 0..3_usize).prop_map(|(edge, off)| (edge + off).saturating_sub(1))
    ]
}

fn encryption() -> impl Strategy<Value = Encryption> {
    prop::sample::select(vec![Encryption::None, Encryption::Sealed])
}

static BED: OnceLock<Bed> = OnceLock::new();

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_range_is_what_a_vector_has_there(
        size in size(),
        chunk in 1..300_000_usize,
        encryption in encryption(),
        ranges in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 8),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let bed = BED.get_or_init(Bed::new);
            let bytes = noise(size);
            let chunks: Vec<&[u8]> = bytes.chunks(chunk).collect();
            let blob = bed.upload(id(1), encryption, &chunks).await;
            assert_eq!((blob.bytes, blob.encryption()), (size as u64, encryption));
            let stored = std::fs::metadata(bed.file(id(1))).unwrap().len();
            assert_eq!(blob.stored_bytes(), stored);
            assert_eq!(read(&bed.blobs, &blob, 0..size as u64).await.unwrap(), bytes);
            for (one, other) in ranges {
                let (one, other) = (one.index(size + 1), other.index(size + 1));
                let (start, end) = (one.min(other), one.max(other));
                let read = read(&bed.blobs, &blob, start as u64..end as u64).await.unwrap();
                assert_eq!(read, bytes[start..end]);
            }
        });
    }
}

#[tokio::test]
async fn a_range_outside_of_the_blob_is_refused() {
    let bed = Bed::new();
    let blob = bed.upload(id(1), Encryption::Sealed, &[b"four"]).await;
    for (start, end) in [(0, 5), (5, 5), (3, 2)] {
        let error = read(&bed.blobs, &blob, std::ops::Range { start, end }).await.unwrap_err();
        assert!(matches!(error, Error::Range { bytes: 4, .. }), "{error}");
    }
}
