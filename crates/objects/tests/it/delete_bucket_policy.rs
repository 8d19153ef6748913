use crate::{
    common::{ask, create, fails, objects, ok, put},
    put_bucket_policy::open,
};
use testkit::on_every_engine;

#[tokio::test]
async fn what_a_policy_opened_is_closed_without_it() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        put(&bed, "/photos/a", "hello").await;
        open(&bed).await;
        for _ in 0..2 {
            assert_eq!(ok(&bed, "DELETE", "/photos?policy", &[], "").await.status, 204);
        }
        assert_eq!(ask(&bed.anonymous(), "GET", "/photos/a", &[], "").await.status, 403);
        assert_eq!(fails(&bed, "GET", "/photos?policy", &[], "").await.1, "NoSuchBucketPolicy");
    })
    .await;
}
