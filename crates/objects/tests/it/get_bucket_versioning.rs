use crate::common::{between, create, get, objects, set_versioning};
use testkit::on_every_engine;

#[tokio::test]
async fn a_bucket_tells_whether_it_keeps_versions() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let status = async || between(&get(&bed, "/photos?versioning").await.text(), "Status");
        assert_eq!(status().await, "");
        set_versioning(&bed, "photos", "Enabled").await;
        assert_eq!(status().await, "Enabled");
        set_versioning(&bed, "photos", "Suspended").await;
        assert_eq!(status().await, "Suspended");
    })
    .await;
}
