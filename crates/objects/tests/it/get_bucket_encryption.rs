use crate::common::{between, create, get, header, objects, put};
use kv::{Scan, Tag};
use service::tag;
use testkit::on_every_engine;

#[tokio::test]
async fn everything_is_encrypted_and_says_so() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let text = get(&bed, "/photos?encryption").await.text();
        assert_eq!(between(&text, "SSEAlgorithm"), "AES256");
        assert_eq!(between(&text, "BucketKeyEnabled"), "false");
        let body = "what nobody may find in the store";
        let reply = put(&bed, "/photos/a", body).await;
        assert_eq!(header(&reply, "x-amz-server-side-encryption"), "AES256");
        let mut tx = bed.platform.store.begin();
        let mut values = 0;
        for offset in 0..7 {
            let range = Tag(tag::OBJECTS + offset).range();
            for entry in tx.scan(&range, Scan::first(100)).await.expect("a scan") {
                values += 1;
                let found = entry.value.windows(8).any(|part| part == &body.as_bytes()[..8]);
                assert!(!found, "the body lies in the store as it came");
            }
        }
        assert!(values >= 3, "{values}");
    })
    .await;
}
