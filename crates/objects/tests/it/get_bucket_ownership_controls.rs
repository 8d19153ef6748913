use crate::common::{between, create, get, objects};
use testkit::on_every_engine;

#[tokio::test]
async fn a_new_bucket_owns_its_objects() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let text = get(&bed, "/photos?ownershipControls").await.text();
        assert_eq!(between(&text, "ObjectOwnership"), "BucketOwnerEnforced", "{text}");
    })
    .await;
}
