use crate::{
    common::{create, fails, get, objects, ok},
    put_bucket_policy::policy,
};
use serde_json::json;
use testkit::on_every_engine;

#[tokio::test]
async fn a_policy_is_told_as_it_was_given() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let none = fails(&bed, "GET", "/photos?policy", &[], "").await;
        assert_eq!(none, (404, "NoSuchBucketPolicy".to_owned()));
        let text = policy("Allow", &json!({"AWS": "000000000000"}), "s3:*");
        ok(&bed, "PUT", "/photos?policy", &[], text.clone()).await;
        assert_eq!(get(&bed, "/photos?policy").await.text(), text);
    })
    .await;
}
