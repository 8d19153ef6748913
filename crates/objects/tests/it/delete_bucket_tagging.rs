use crate::{
    common::{create, fails, objects, ok},
    put_bucket_tagging::tagging,
};
use testkit::on_every_engine;

#[tokio::test]
async fn a_bucket_without_tags_has_no_tag_set() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        ok(&bed, "PUT", "/photos?tagging", &[], tagging(&[("a", "1")])).await;
        ok(&bed, "DELETE", "/photos?tagging", &[], "").await;
        assert_eq!(fails(&bed, "GET", "/photos?tagging", &[], "").await.1, "NoSuchTagSet");
    })
    .await;
}
