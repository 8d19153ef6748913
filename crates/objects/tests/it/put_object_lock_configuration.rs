use crate::{
    common::{ask, between, create, create_versioned, fails, get, header, objects, ok},
    put_bucket_lifecycle_configuration::{lifecycle, walk},
};
use std::time::Duration;
use testkit::{Bed, on_every_engine, on_memory};

/// Creates a bucket that can lock its objects.
pub(crate) async fn create_locked(bed: &Bed, bucket: &str) {
    let location = format!(
        "<CreateBucketConfiguration><LocationConstraint>{}</LocationConstraint>\
         </CreateBucketConfiguration>",
        testkit::REGION
    );
    let headers = [("x-amz-bucket-object-lock-enabled", "true")];
    ok(bed, "PUT", &format!("/{bucket}"), &headers, location).await;
}

/// A configuration with such a default.
pub(crate) fn default(period: &str) -> String {
    format!(
        "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>\
         <DefaultRetention><Mode>GOVERNANCE</Mode>{period}</DefaultRetention></Rule>\
         </ObjectLockConfiguration>"
    )
}

#[tokio::test]
async fn a_default_locks_every_new_version_whatever_brings_it() {
    on_every_engine(objects, async |bed| {
        create_locked(&bed, "photos").await;
        assert_eq!(between(&get(&bed, "/photos?versioning").await.text(), "Status"), "Enabled");
        ok(&bed, "PUT", "/photos?object-lock", &[], default("<Days>1</Days>")).await;
        ok(&bed, "PUT", "/photos/a", &[], "x").await;
        let copy = [("x-amz-copy-source", "/photos/a")];
        ok(&bed, "PUT", "/photos/b", &copy, "").await;
        let begun = ok(&bed, "POST", "/photos/c?uploads", &[], "").await.text();
        let upload = between(&begun, "UploadId");
        let part = format!("/photos/c?partNumber=1&uploadId={upload}");
        let etag = header(&ok(&bed, "PUT", &part, &[], "x").await, "etag").to_owned();
        let list = format!(
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part>\
             </CompleteMultipartUpload>"
        );
        ok(&bed, "POST", &format!("/photos/c?uploadId={upload}"), &[], list).await;
        for key in ["a", "b", "c"] {
            let reply = ok(&bed, "HEAD", &format!("/photos/{key}"), &[], "").await;
            assert_eq!(header(&reply, "x-amz-object-lock-mode"), "GOVERNANCE", "{key}");
            let until = header(&reply, "x-amz-object-lock-retain-until-date");
            assert_eq!(until, "2027-01-16T08:00:00.000Z", "{key}");
            let version = format!("/photos/{key}?versionId={}", header(&reply, "x-amz-version-id"));
            assert_eq!(fails(&bed, "DELETE", &version, &[], "").await.0, 403, "{key}");
        }
        bed.advance(Duration::from_secs(24 * 3_600 + 1));
        let reply = ok(&bed, "HEAD", "/photos/a", &[], "").await;
        let version = format!("/photos/a?versionId={}", header(&reply, "x-amz-version-id"));
        ok(&bed, "DELETE", &version, &[], "").await;
    })
    .await;
}

#[tokio::test]
async fn locks_need_versions_for_good() {
    on_memory(objects, async |bed| {
        create(&bed, "plain").await;
        let answer = fails(&bed, "PUT", "/plain?object-lock", &[], default("<Days>1</Days>")).await;
        assert_eq!(answer, (409, "InvalidBucketState".to_owned()));
        create_versioned(&bed, "photos").await;
        ok(&bed, "PUT", "/photos?object-lock", &[], default("<Years>1</Years>")).await;
        let suspend =
            "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
        let answer = fails(&bed, "PUT", "/photos?versioning", &[], suspend).await;
        assert_eq!(answer, (409, "InvalidBucketState".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn a_configuration_that_cannot_be_is_refused() {
    on_memory(objects, async |bed| {
        create_locked(&bed, "photos").await;
        let code = async |document: String| {
            fails(&bed, "PUT", "/photos?object-lock", &[], document).await.1
        };
        assert_eq!(code(default("<Days>0</Days>")).await, "InvalidArgument");
        assert_eq!(code(default("<Days>1</Days><Years>1</Years>")).await, "MalformedXML");
        let off = default("<Days>1</Days>").replace("Enabled<", "Disabled<");
        assert_eq!(code(off).await, "MalformedXML");
    })
    .await;
}

#[tokio::test]
async fn a_lifecycle_leaves_what_is_locked() {
    on_memory(objects, async |bed| {
        create_locked(&bed, "photos").await;
        ok(&bed, "PUT", "/photos?object-lock", &[], default("<Days>30</Days>")).await;
        let rule = "<Filter/><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>\
            </NoncurrentVersionExpiration>";
        ok(&bed, "PUT", "/photos?lifecycle", &[], lifecycle(&[rule])).await;
        let first = ok(&bed, "PUT", "/photos/a", &[], "1").await;
        let version = format!("/photos/a?versionId={}", header(&first, "x-amz-version-id"));
        ok(&bed, "PUT", "/photos/a", &[], "2").await;
        for day in 1..40 {
            walk(&bed, Duration::from_secs(24 * 3_600)).await;
            let reply = ask(&bed.root(), "GET", &version, &[], "").await;
            if day < 30 {
                assert_eq!(reply.status, 200, "after {day} days");
            }
        }
        assert_eq!(fails(&bed, "GET", &version, &[], "").await.1, "NoSuchVersion");
    })
    .await;
}
