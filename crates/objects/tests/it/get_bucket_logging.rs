use crate::common::{create, fails, get, objects};
use testkit::on_every_engine;

#[tokio::test]
async fn the_requests_to_a_bucket_are_not_logged() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let text = get(&bed, "/photos?logging").await.text();
        let none = "<BucketLoggingStatus xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                    </BucketLoggingStatus>";
        assert!(text.ends_with(none), "{text}");
        assert_eq!(fails(&bed, "GET", "/nobody?logging", &[], "").await.1, "NoSuchBucket");
    })
    .await;
}
