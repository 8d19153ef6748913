use crate::common::{create, fails, objects};
use testkit::on_every_engine;

#[tokio::test]
async fn a_bucket_is_not_replicated() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let none = (404, "ReplicationConfigurationNotFoundError".to_owned());
        assert_eq!(fails(&bed, "GET", "/photos?replication", &[], "").await, none);
        assert_eq!(fails(&bed, "GET", "/nobody?replication", &[], "").await.1, "NoSuchBucket");
    })
    .await;
}
