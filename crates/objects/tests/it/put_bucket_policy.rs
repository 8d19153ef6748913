use crate::common::{ask, between, create, fails, objects, ok, put};
use serde_json::{Value, json};
use testkit::{Bed, on_every_engine, on_memory};

/// A policy of one statement about the bucket `photos` and its objects.
pub(crate) fn policy(effect: &str, principal: &Value, action: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Principal": principal,
        "Action": action, "Resource": ["arn:aws:s3:::photos", "arn:aws:s3:::photos/*"]}]})
    .to_string()
}

/// Gives the bucket `photos` a policy that opens it to everyone.
pub(crate) async fn open(bed: &Bed) {
    ok(bed, "DELETE", "/photos?publicAccessBlock", &[], "").await;
    let everyone = policy("Allow", &json!("*"), "s3:GetObject");
    ok(bed, "PUT", "/photos?policy", &[], everyone).await;
}

fn nothing() -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]})
}

#[tokio::test]
async fn a_policy_lets_a_user_in_and_keeps_everybody_out() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        put(&bed, "/photos/a", "hello").await;
        let jane = bed.user("jane", &nothing());
        let status = async || ask(&jane, "GET", "/photos/a", &[], "").await.status;
        assert_eq!(status().await, 403);
        let arn = "arn:aws:iam::000000000000:user/jane";
        let allowed = policy("Allow", &json!({"AWS": arn}), "s3:GetObject");
        ok(&bed, "PUT", "/photos?policy", &[], allowed).await;
        assert_eq!(status().await, 200);
        assert_eq!(ask(&jane, "PUT", "/photos/a", &[], "x").await.status, 403);
        let denied = policy("Deny", &json!("*"), "s3:*");
        ok(&bed, "PUT", "/photos?policy", &[], denied).await;
        assert_eq!(fails(&bed, "GET", "/photos/a", &[], "").await.0, 403);
        // The root is not locked out of the policy itself.
        ok(&bed, "GET", "/photos?policy", &[], "").await;
        ok(&bed, "DELETE", "/photos?policy", &[], "").await;
        ok(&bed, "GET", "/photos/a", &[], "").await;
    })
    .await;
}

#[tokio::test]
async fn who_does_not_sign_reads_what_a_policy_opens() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        put(&bed, "/photos/a", "hello").await;
        let nobody = bed.anonymous();
        let refused = ask(&nobody, "GET", "/photos/a", &[], "").await;
        assert_eq!(
            (refused.status, between(&refused.text(), "Code")),
            (403, "AccessDenied".into())
        );
        open(&bed).await;
        let reply = ask(&nobody, "GET", "/photos/a", &[], "").await;
        assert_eq!((reply.status, reply.text()), (200, "hello".to_owned()));
        assert_eq!(ask(&nobody, "PUT", "/photos/a", &[], "x").await.status, 403);
        assert_eq!(ask(&nobody, "GET", "/photos", &[], "").await.status, 403);
    })
    .await;
}

#[tokio::test]
async fn a_policy_that_cannot_be_is_refused() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let code = async |text: String| fails(&bed, "PUT", "/photos?policy", &[], text).await;
        let malformed = (400, "MalformedPolicy".to_owned());
        assert_eq!(code("no".to_owned()).await, malformed);
        assert_eq!(code("{}".to_owned()).await, malformed);
        let root = json!({"AWS": "000000000000"});
        assert_eq!(code(policy("Allow", &root, "sqs:SendMessage")).await, malformed);
        let elsewhere = policy("Allow", &root, "s3:GetObject").replace(":photos", ":other");
        assert_eq!(code(elsewhere).await, malformed);
        let long = policy("Allow", &root, &format!("s3:{}", "x".repeat(20 * 1024)));
        assert_eq!(code(long).await, malformed);
        let missing =
            fails(&bed, "PUT", "/other?policy", &[], policy("Allow", &root, "s3:*")).await;
        assert_eq!(missing, (404, "NoSuchBucket".to_owned()));
    })
    .await;
}
