//! What browsers are told before requests of pages of other origins, and with them.

use crate::{
    common::{ask, between, create, header, objects, ok, put},
    put_bucket_cors::RULE,
};
use testkit::{Bed, Reply, on_every_engine, on_memory};

const OWN: &str = "https://app.example.org";
const OTHER: &str = "https://evil.example.org";

async fn preflight(bed: &Bed, path: &str, headers: &[(&str, &str)]) -> Reply {
    ask(&bed.anonymous(), "OPTIONS", path, headers, "").await
}

#[tokio::test]
async fn a_preflight_is_answered_without_a_signature_by_the_rules_of_the_bucket() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        ok(&bed, "PUT", "/photos?cors", &[], RULE).await;
        let asked = [
            ("origin", OWN),
            ("access-control-request-method", "PUT"),
            ("access-control-request-headers", "Content-Type,x-amz-meta-a"),
        ];
        let reply = preflight(&bed, "/photos/a", &asked).await;
        assert_eq!((reply.status, reply.body.len()), (200, 0), "{}", reply.text());
        assert_eq!(header(&reply, "access-control-allow-origin"), OWN);
        assert_eq!(header(&reply, "access-control-allow-methods"), "GET, PUT");
        assert_eq!(header(&reply, "access-control-allow-headers"), "content-type, x-amz-meta-a");
        assert_eq!(header(&reply, "access-control-allow-credentials"), "true");
        assert_eq!(header(&reply, "access-control-expose-headers"), "ETag");
        assert_eq!(header(&reply, "access-control-max-age"), "60");
        assert!(header(&reply, "vary").starts_with("Origin"));
        assert!(reply.headers.contains_key("x-amz-request-id"));
    })
    .await;
}

#[tokio::test]
async fn a_preflight_that_no_rule_allows_is_refused() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let asked = [("origin", OWN), ("access-control-request-method", "PUT")];
        let message = |reply: &Reply| (reply.status, between(&reply.text(), "Message"));
        let reply = preflight(&bed, "/photos/a", &asked).await;
        let text = "CORSResponse: CORS is not enabled for this bucket.";
        assert_eq!(message(&reply), (403, text.to_owned()));
        assert_eq!(between(&reply.text(), "Code"), "AccessForbidden");
        assert_eq!(between(&reply.text(), "ResourceType"), "OBJECT");
        let reply = preflight(&bed, "/nothing", &asked).await;
        assert_eq!(message(&reply), (403, "CORSResponse: Bucket not found".to_owned()));
        ok(&bed, "PUT", "/photos?cors", &[], RULE).await;
        for (origin, method) in [(OTHER, "PUT"), (OWN, "DELETE")] {
            let asked = [("origin", origin), ("access-control-request-method", method)];
            let reply = preflight(&bed, "/photos/a", &asked).await;
            assert_eq!(reply.status, 403);
            assert!(
                message(&reply).1.starts_with("CORSResponse: This CORS request is not allowed.")
            );
            assert!(!reply.headers.contains_key("access-control-allow-origin"));
        }
        assert_eq!(preflight(&bed, "/photos/a", &asked[1..]).await.status, 400);
        assert_eq!(preflight(&bed, "/photos/a", &asked[..1]).await.status, 400);
    })
    .await;
}

#[tokio::test]
async fn answers_to_a_page_say_so_errors_too() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        ok(&bed, "PUT", "/photos?cors", &[], RULE).await;
        put(&bed, "/photos/a", "x").await;
        let origin = |reply: &Reply| header(reply, "access-control-allow-origin").to_owned();
        let reply = ok(&bed, "GET", "/photos/a", &[("origin", OWN)], "").await;
        assert_eq!((origin(&reply).as_str(), reply.body.as_ref()), (OWN, &b"x"[..]));
        assert!(!reply.headers.contains_key("access-control-allow-headers"));
        let missing = ask(&bed.root(), "GET", "/photos/z", &[("origin", OWN)], "").await;
        assert_eq!((missing.status, origin(&missing).as_str()), (404, OWN));
        let unsigned = ask(&bed.anonymous(), "GET", "/photos/a", &[("origin", OWN)], "").await;
        assert_eq!((unsigned.status, origin(&unsigned).as_str()), (403, OWN));
        let other = ok(&bed, "GET", "/photos/a", &[("origin", OTHER)], "").await;
        assert_eq!(origin(&other), "");
        assert_eq!(header(&ok(&bed, "GET", "/photos/a", &[], "").await, "vary"), "");
    })
    .await;
}
