use crate::common::{create, fails, objects};
use testkit::on_every_engine;

#[tokio::test]
async fn a_bucket_is_no_website() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let none = (404, "NoSuchWebsiteConfiguration".to_owned());
        assert_eq!(fails(&bed, "GET", "/photos?website", &[], "").await, none);
        assert_eq!(fails(&bed, "GET", "/nobody?website", &[], "").await.1, "NoSuchBucket");
    })
    .await;
}
