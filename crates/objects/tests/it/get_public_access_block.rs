use crate::common::{all_between, create, get, objects};
use testkit::on_every_engine;

#[tokio::test]
async fn a_new_bucket_blocks_everything() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let text = get(&bed, "/photos?publicAccessBlock").await.text();
        for member in
            ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]
        {
            assert_eq!(all_between(&text, member), ["true"], "{text}");
        }
    })
    .await;
}
