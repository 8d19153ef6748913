use crate::{
    common::{ask, between, create, fails, get, objects, ok, put},
    put_bucket_policy::{open, policy},
};
use serde_json::json;
use testkit::{Bed, on_every_engine};

async fn block(bed: &Bed, members: &str) {
    let document =
        format!("<PublicAccessBlockConfiguration>{members}</PublicAccessBlockConfiguration>");
    ok(bed, "PUT", "/photos?publicAccessBlock", &[], document).await;
}

#[tokio::test]
async fn a_new_bucket_takes_no_policy_that_opens_it() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let everyone = || policy("Allow", &json!("*"), "s3:GetObject");
        let blocked = fails(&bed, "PUT", "/photos?policy", &[], everyone()).await;
        assert_eq!(blocked, (403, "AccessDenied".to_owned()));
        block(&bed, "<BlockPublicPolicy>false</BlockPublicPolicy>").await;
        ok(&bed, "PUT", "/photos?policy", &[], everyone()).await;
    })
    .await;
}

#[tokio::test]
async fn a_restricted_bucket_is_closed_to_who_does_not_sign() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        put(&bed, "/photos/a", "hello").await;
        open(&bed).await;
        let status = async || ask(&bed.anonymous(), "GET", "/photos/a", &[], "").await.status;
        assert_eq!(status().await, 200);
        block(&bed, "<RestrictPublicBuckets>true</RestrictPublicBuckets>").await;
        assert_eq!(status().await, 403);
        let text = get(&bed, "/photos?publicAccessBlock").await.text();
        assert_eq!(between(&text, "RestrictPublicBuckets"), "true");
        assert_eq!(between(&text, "BlockPublicPolicy"), "false");
    })
    .await;
}
