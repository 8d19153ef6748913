use crate::{
    common::{create, fails, objects, ok},
    put_bucket_lifecycle_configuration::lifecycle,
};
use testkit::on_every_engine;

#[tokio::test]
async fn a_lifecycle_that_was_deleted_is_not_found() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let rule = "<Filter/><Expiration><Days>1</Days></Expiration>";
        ok(&bed, "PUT", "/photos?lifecycle", &[], lifecycle(&[rule])).await;
        for _ in 0..2 {
            ok(&bed, "DELETE", "/photos?lifecycle", &[], "").await;
        }
        assert_eq!(
            fails(&bed, "GET", "/photos?lifecycle", &[], "").await.1,
            "NoSuchLifecycleConfiguration"
        );
    })
    .await;
}
