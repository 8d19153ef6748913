use crate::{
    common::{create, fails, objects, ok},
    put_bucket_ownership_controls::controls,
};
use testkit::on_every_engine;

#[tokio::test]
async fn removed_controls_are_not_found_and_acls_stay_refused() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        ok(&bed, "DELETE", "/photos?ownershipControls", &[], "").await;
        let none = fails(&bed, "GET", "/photos?ownershipControls", &[], "").await;
        assert_eq!(none, (404, "OwnershipControlsNotFoundError".to_owned()));
        let acl = [("x-amz-acl", "public-read")];
        let refused = fails(&bed, "PUT", "/photos/a", &acl, "x").await;
        assert_eq!(refused.1, "AccessControlListNotSupported");
        ok(&bed, "PUT", "/photos?ownershipControls", &[], controls("BucketOwnerEnforced")).await;
        ok(&bed, "GET", "/photos?ownershipControls", &[], "").await;
    })
    .await;
}
