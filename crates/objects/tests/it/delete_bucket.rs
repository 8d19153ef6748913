use crate::common::{count, create, create_versioned, fails, objects, ok, put};
use service::tag;
use testkit::on_every_engine;

#[tokio::test]
async fn only_an_empty_bucket_is_deleted() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        put(&bed, "/photos/a", "x").await;
        let full = fails(&bed, "DELETE", "/photos", &[], "").await;
        assert_eq!(full, (409, "BucketNotEmpty".to_owned()));
        ok(&bed, "DELETE", "/photos/a", &[], "").await;
        ok(&bed, "DELETE", "/photos", &[], "").await;
        let gone = fails(&bed, "DELETE", "/photos", &[], "").await;
        assert_eq!(gone, (404, "NoSuchBucket".to_owned()));
        assert_eq!(count(&bed, tag::OBJECTS).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_delete_marker_keeps_a_bucket() {
    on_every_engine(objects, async |bed| {
        create_versioned(&bed, "photos").await;
        ok(&bed, "DELETE", "/photos/a", &[], "").await;
        assert_eq!(fails(&bed, "DELETE", "/photos", &[], "").await.1, "BucketNotEmpty");
    })
    .await;
}
