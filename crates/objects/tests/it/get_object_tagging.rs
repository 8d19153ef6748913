use crate::common::{all_between, create, fails, get, objects, ok};
use testkit::on_every_engine;

#[tokio::test]
async fn the_tags_of_an_upload_are_told() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        ok(&bed, "PUT", "/photos/a", &[("x-amz-tagging", "b=2&a=1")], "x").await;
        let text = get(&bed, "/photos/a?tagging").await.text();
        assert_eq!(all_between(&text, "Key"), ["a", "b"]);
        assert_eq!(all_between(&text, "Value"), ["1", "2"]);
        assert_eq!(fails(&bed, "GET", "/photos/b?tagging", &[], "").await.1, "NoSuchKey");
    })
    .await;
}
