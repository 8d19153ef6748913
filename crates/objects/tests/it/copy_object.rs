use crate::{
    common::{ask, between, create, create_versioned, fails, get, header, objects, ok, put},
    uploads::{FIVE_MIB, upload},
};
use serde_json::json;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_copy_is_like_its_source_unless_the_request_says_otherwise() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let headers =
            [("content-type", "text/plain"), ("x-amz-meta-a", "1"), ("x-amz-tagging", "t=1")];
        ok(&bed, "PUT", "/photos/a%20b", &headers, "hello").await;
        let source = ("x-amz-copy-source", "photos/a%20b");
        let reply = ok(&bed, "PUT", "/photos/copy", &[source], "").await;
        assert!(between(&reply.text(), "ETag").contains("5d41402abc4b2a76b9719d911017c592"));
        let copy = get(&bed, "/photos/copy").await;
        assert_eq!(copy.body, "hello");
        assert_eq!(header(&copy, "content-type"), "text/plain");
        assert_eq!(header(&copy, "x-amz-meta-a"), "1");
        assert_eq!(header(&copy, "x-amz-tagging-count"), "1");
        let replace = [
            source,
            ("x-amz-metadata-directive", "REPLACE"),
            ("x-amz-meta-b", "2"),
            ("x-amz-tagging-directive", "REPLACE"),
        ];
        ok(&bed, "PUT", "/photos/copy", &replace, "").await;
        let copy = get(&bed, "/photos/copy").await;
        assert_eq!((header(&copy, "x-amz-meta-a"), header(&copy, "x-amz-meta-b")), ("", "2"));
        assert_eq!(header(&copy, "x-amz-tagging-count"), "");
        ok(&bed, "DELETE", "/photos/a%20b", &[], "").await;
        assert_eq!(get(&bed, "/photos/copy").await.body, "hello");
    })
    .await;
}

#[tokio::test]
async fn an_object_of_parts_is_copied_into_one() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let parts = [(1, vec![7; FIVE_MIB]), (2, b"end".to_vec())];
        upload(&bed, "/photos/a", &[], &parts).await;
        ok(&bed, "PUT", "/photos/b", &[("x-amz-copy-source", "photos/a")], "").await;
        let copy = get(&bed, "/photos/b").await;
        assert_eq!(copy.body.len(), FIVE_MIB + 3);
        assert!(!header(&copy, "etag").contains('-'));
    })
    .await;
}

#[tokio::test]
async fn conditions_and_versions_of_the_source_count() {
    on_every_engine(objects, async |bed| {
        create_versioned(&bed, "photos").await;
        let old = put(&bed, "/photos/a", "1").await;
        let (etag, id) = (header(&old, "etag"), header(&old, "x-amz-version-id"));
        put(&bed, "/photos/a", "2").await;
        let source = format!("photos/a?versionId={id}");
        let reply = ok(&bed, "PUT", "/photos/b", &[("x-amz-copy-source", &source)], "").await;
        assert_eq!(header(&reply, "x-amz-copy-source-version-id"), id);
        assert_eq!(get(&bed, "/photos/b").await.body, "1");
        let status = async |name: &str, value: &str| {
            let headers = [("x-amz-copy-source", source.as_str()), (name, value)];
            ask(&bed.root(), "PUT", "/photos/c", &headers, "").await.status
        };
        assert_eq!(status("x-amz-copy-source-if-match", "\"x\"").await, 412);
        assert_eq!(status("x-amz-copy-source-if-none-match", etag).await, 412);
        assert_eq!(status("x-amz-copy-source-if-match", etag).await, 200);
        let nothing = [("x-amz-copy-source", "photos/none")];
        assert_eq!(fails(&bed, "PUT", "/photos/c", &nothing, "").await.1, "NoSuchKey");
        let itself = [("x-amz-copy-source", "photos/a")];
        assert_eq!(fails(&bed, "PUT", "/photos/a", &itself, "").await.1, "InvalidRequest");
    })
    .await;
}

#[tokio::test]
async fn a_copy_needs_to_read_its_source() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        put(&bed, "/photos/secret", "x").await;
        let user = bed.user(
            "Ada",
            &json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}]}),
        );
        let headers = [("x-amz-copy-source", "photos/secret")];
        let reply = ask(&user, "PUT", "/photos/mine", &headers, "").await;
        assert_eq!((reply.status, reply.fault().0.as_str()), (403, "AccessDenied"));
    })
    .await;
}
