use crate::common::{all_between, create_versioned, fails, get, header, objects, ok, put};
use testkit::on_every_engine;

#[tokio::test]
async fn the_owner_of_the_bucket_may_do_everything_with_each_version() {
    on_every_engine(objects, async |bed| {
        create_versioned(&bed, "photos").await;
        let reply = put(&bed, "/photos/a", "x").await;
        let old = format!("/photos/a?acl&versionId={}", header(&reply, "x-amz-version-id"));
        let of_bucket = get(&bed, "/photos?acl").await.text();
        assert_eq!(get(&bed, "/photos/a?acl").await.text(), of_bucket);
        assert_eq!(all_between(&of_bucket, "Permission"), ["FULL_CONTROL"]);
        ok(&bed, "DELETE", "/photos/a", &[], "").await;
        assert_eq!(get(&bed, &old).await.text(), of_bucket);
        let gone = fails(&bed, "GET", "/photos/a?acl", &[], "").await;
        assert_eq!(gone, (404, "NoSuchKey".to_owned()));
    })
    .await;
}
