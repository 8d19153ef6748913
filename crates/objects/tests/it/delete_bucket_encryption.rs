use crate::{
    common::{between, create, get, objects, ok},
    put_bucket_encryption::encryption,
};
use testkit::on_every_engine;

#[tokio::test]
async fn the_default_is_what_comes_back() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let document = encryption("AES256", "<BucketKeyEnabled>true</BucketKeyEnabled>");
        ok(&bed, "PUT", "/photos?encryption", &[], document).await;
        ok(&bed, "DELETE", "/photos?encryption", &[], "").await;
        let text = get(&bed, "/photos?encryption").await.text();
        assert_eq!(between(&text, "SSEAlgorithm"), "AES256");
        assert_eq!(between(&text, "BucketKeyEnabled"), "false");
    })
    .await;
}
