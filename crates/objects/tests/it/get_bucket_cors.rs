use crate::common::{create, fails, objects};
use testkit::on_memory;

#[tokio::test]
async fn a_bucket_without_rules_has_no_configuration() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let answer = fails(&bed, "GET", "/photos?cors", &[], "").await;
        assert_eq!(answer, (404, "NoSuchCORSConfiguration".to_owned()));
        assert_eq!(fails(&bed, "GET", "/others?cors", &[], "").await.1, "NoSuchBucket");
    })
    .await;
}
