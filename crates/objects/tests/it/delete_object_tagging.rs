use crate::common::{all_between, create, get, objects, ok};
use testkit::on_every_engine;

#[tokio::test]
async fn tags_go_and_the_object_stays() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        ok(&bed, "PUT", "/photos/a", &[("x-amz-tagging", "a=1")], "x").await;
        assert_eq!(ok(&bed, "DELETE", "/photos/a?tagging", &[], "").await.status, 204);
        assert!(all_between(&get(&bed, "/photos/a?tagging").await.text(), "Key").is_empty());
        assert_eq!(get(&bed, "/photos/a").await.body, "x");
    })
    .await;
}
