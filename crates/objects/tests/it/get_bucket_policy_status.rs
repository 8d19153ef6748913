use crate::{
    common::{between, create, fails, get, objects, ok},
    put_bucket_policy::{open, policy},
};
use serde_json::json;
use testkit::on_every_engine;

#[tokio::test]
async fn a_bucket_that_is_open_to_everyone_says_so() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let none = fails(&bed, "GET", "/photos?policyStatus", &[], "").await;
        assert_eq!(none, (404, "NoSuchBucketPolicy".to_owned()));
        open(&bed).await;
        let public = between(&get(&bed, "/photos?policyStatus").await.text(), "IsPublic");
        assert_eq!(public, "true");
        let root = policy("Allow", &json!({"AWS": "000000000000"}), "s3:*");
        ok(&bed, "PUT", "/photos?policy", &[], root).await;
        let public = between(&get(&bed, "/photos?policyStatus").await.text(), "IsPublic");
        assert_eq!(public, "false");
    })
    .await;
}
