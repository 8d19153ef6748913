use crate::common::{create, fails, get, objects, ok, put};
use testkit::on_every_engine;

#[tokio::test]
async fn the_bucket_owners_full_control_is_accepted_and_all_else_refused() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let canned = [("x-amz-acl", "bucket-owner-full-control")];
        assert_eq!(fails(&bed, "PUT", "/photos/a?acl", &canned, "").await.1, "NoSuchKey");
        put(&bed, "/photos/a", "x").await;
        ok(&bed, "PUT", "/photos/a?acl", &canned, "").await;
        let read = get(&bed, "/photos/a?acl").await.text();
        ok(&bed, "PUT", "/photos/a?acl", &[], read.clone()).await;
        let refused = (400, "AccessControlListNotSupported".to_owned());
        let public = [("x-amz-acl", "public-read")];
        assert_eq!(fails(&bed, "PUT", "/photos/a?acl", &public, "").await, refused);
        let less = read.replace("FULL_CONTROL", "READ");
        assert_eq!(fails(&bed, "PUT", "/photos/a?acl", &[], less).await, refused);
    })
    .await;
}
