use crate::{
    common::{ask, between, create_versioned, fails, header, objects, ok},
    put_object_lock_configuration::create_locked,
};
use serde_json::json;
use std::time::Duration;
use testkit::{Bed, on_every_engine, on_memory};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// A retention of so many days from the start of the test, 2027-01-15T08:00:00Z.
fn retention(mode: &str, days: u32) -> String {
    let until = format!("2027-01-{:02}T08:00:00Z", 15 + days);
    format!("<Retention><Mode>{mode}</Mode><RetainUntilDate>{until}</RetainUntilDate></Retention>")
}

async fn put_version(bed: &Bed, path: &str) -> String {
    let reply = ok(bed, "PUT", path, &[], "x").await;
    header(&reply, "x-amz-version-id").to_owned()
}

#[tokio::test]
async fn a_version_stays_until_its_retention_ends() {
    on_every_engine(objects, async |bed| {
        create_locked(&bed, "photos").await;
        let id = put_version(&bed, "/photos/a").await;
        ok(&bed, "PUT", "/photos/a?retention", &[], retention("COMPLIANCE", 2)).await;
        let version = format!("/photos/a?versionId={id}");
        let bypass = [("x-amz-bypass-governance-retention", "true")];
        let reply = ask(&bed.root(), "DELETE", &version, &bypass, "").await;
        assert_eq!((reply.status, between(&reply.text(), "Code").as_str()), (403, "AccessDenied"));
        let text = "Access Denied because object protected by object lock.";
        assert_eq!(between(&reply.text(), "Message"), text);
        let list =
            format!("<Delete><Object><Key>a</Key><VersionId>{id}</VersionId></Object></Delete>");
        let reply = ok(&bed, "POST", "/photos?delete", &bypass, list).await.text();
        assert_eq!(between(&between(&reply, "Error"), "Code"), "AccessDenied");
        // A marker hides it, and deletes nothing.
        assert_eq!(ok(&bed, "DELETE", "/photos/a", &[], "").await.status, 204);
        ok(&bed, "GET", &version, &[], "").await;
        bed.advance(DAY * 2 + Duration::from_secs(1));
        ok(&bed, "DELETE", &version, &[], "").await;
        assert_eq!(fails(&bed, "GET", &version, &[], "").await.1, "NoSuchVersion");
    })
    .await;
}

#[tokio::test]
async fn compliance_only_grows() {
    on_memory(objects, async |bed| {
        create_locked(&bed, "photos").await;
        put_version(&bed, "/photos/a").await;
        let bypass = [("x-amz-bypass-governance-retention", "true")];
        let set = async |document: String| {
            ask(&bed.root(), "PUT", "/photos/a?retention", &bypass, document).await.status
        };
        assert_eq!(set(retention("COMPLIANCE", 3)).await, 200);
        assert_eq!(set(retention("COMPLIANCE", 2)).await, 403);
        assert_eq!(set(retention("GOVERNANCE", 4)).await, 403);
        assert_eq!(set("<Retention/>".to_owned()).await, 403);
        assert_eq!(set(retention("COMPLIANCE", 4)).await, 200);
    })
    .await;
}

#[tokio::test]
async fn governance_ends_early_only_for_who_may_bypass_it_and_says_so() {
    on_memory(objects, async |bed| {
        create_locked(&bed, "photos").await;
        let id = put_version(&bed, "/photos/a").await;
        ok(&bed, "PUT", "/photos/a?retention", &[], retention("GOVERNANCE", 3)).await;
        let version = format!("/photos/a?versionId={id}");
        let bypass = [("x-amz-bypass-governance-retention", "true")];
        let user = |name: &str, actions: &[&str]| {
            bed.user(
                name,
                &json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
                "Action": actions, "Resource": "arn:aws:s3:::photos/*"}]}),
            )
        };
        let ada = user("Ada", &["s3:DeleteObjectVersion", "s3:PutObjectRetention"]);
        let shorter = retention("GOVERNANCE", 1);
        assert_eq!(ask(&ada, "DELETE", &version, &bypass, "").await.status, 403);
        let put = "/photos/a?retention";
        assert_eq!(ask(&ada, "PUT", put, &bypass, shorter.clone()).await.status, 403);
        assert_eq!(ask(&ada, "PUT", put, &[], retention("GOVERNANCE", 4)).await.status, 200);
        let actions =
            ["s3:DeleteObjectVersion", "s3:PutObjectRetention", "s3:BypassGovernanceRetention"];
        let bob = user("Bob", &actions);
        assert_eq!(ask(&bob, "PUT", put, &[], shorter.clone()).await.status, 403);
        assert_eq!(ask(&bob, "PUT", put, &bypass, shorter).await.status, 200);
        assert_eq!(ask(&bob, "DELETE", &version, &[], "").await.status, 403);
        assert_eq!(ask(&bob, "DELETE", &version, &bypass, "").await.status, 204);
    })
    .await;
}

#[tokio::test]
async fn a_retention_that_cannot_be_is_refused() {
    on_memory(objects, async |bed| {
        create_versioned(&bed, "plain").await;
        put_version(&bed, "/plain/a").await;
        let document = retention("GOVERNANCE", 1);
        let answer = fails(&bed, "PUT", "/plain/a?retention", &[], document.clone()).await;
        assert_eq!(answer, (400, "InvalidRequest".to_owned()));
        create_locked(&bed, "photos").await;
        put_version(&bed, "/photos/a").await;
        let code = async |document: String| {
            fails(&bed, "PUT", "/photos/a?retention", &[], document).await.1
        };
        let past = document.replace("2027", "2020");
        assert_eq!(code(past).await, "InvalidArgument");
        assert_eq!(code(retention("FOREVER", 1)).await, "MalformedXML");
        assert_eq!(
            code("<Retention><Mode>GOVERNANCE</Mode></Retention>".into()).await,
            "MalformedXML"
        );
        let missing = fails(&bed, "PUT", "/photos/z?retention", &[], document).await;
        assert_eq!(missing.1, "NoSuchKey");
    })
    .await;
}
