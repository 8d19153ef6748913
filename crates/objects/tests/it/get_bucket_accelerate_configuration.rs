use crate::common::{create, fails, get, objects};
use testkit::on_every_engine;

#[tokio::test]
async fn a_bucket_is_not_accelerated() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let text = get(&bed, "/photos?accelerate").await.text();
        let none = "<AccelerateConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                    </AccelerateConfiguration>";
        assert!(text.ends_with(none), "{text}");
        assert_eq!(fails(&bed, "GET", "/nobody?accelerate", &[], "").await.1, "NoSuchBucket");
    })
    .await;
}
