use crate::common::{create, fails, get, objects};
use testkit::on_every_engine;

#[tokio::test]
async fn the_owner_of_a_bucket_pays() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let text = get(&bed, "/photos?requestPayment").await.text();
        assert!(
            text.contains("<Payer>BucketOwner</Payer></RequestPaymentConfiguration>"),
            "{text}"
        );
        assert_eq!(fails(&bed, "GET", "/nobody?requestPayment", &[], "").await.1, "NoSuchBucket");
    })
    .await;
}
