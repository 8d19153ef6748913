use crate::common::{ask, between, create, create_versioned, fails, get, header, objects, ok, put};
use serde_json::json;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_range_is_a_part_of_the_object_wherever_it_lies() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        for size in [10_000, 300_000] {
            let body: Vec<u8> = (0..size).map(|at: u32| (at % 251) as u8).collect();
            put(&bed, "/photos/a", body.clone()).await;
            let reply = ok(&bed, "GET", "/photos/a", &[("range", "bytes=100-9099")], "").await;
            assert_eq!((reply.status, &reply.body[..]), (206, &body[100..9_100]));
            let range = format!("bytes 100-9099/{size}");
            assert_eq!(header(&reply, "content-range"), range);
            let reply = ok(&bed, "GET", "/photos/a", &[("range", "bytes=-5")], "").await;
            assert_eq!(&reply.body[..], &body[body.len() - 5..]);
            let behind = format!("bytes={size}-");
            let reply = ask(&bed.root(), "GET", "/photos/a", &[("range", &behind)], "").await;
            assert_eq!((reply.status, reply.fault().0.as_str()), (416, "InvalidRange"));
            assert_eq!(between(&reply.text(), "ActualObjectSize"), size.to_string());
        }
    })
    .await;
}

#[tokio::test]
async fn conditions_answer_as_http_says() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let etag = header(&put(&bed, "/photos/a", "x").await, "etag").to_owned();
        let status = async |name: &str, value: &str| {
            ask(&bed.root(), "GET", "/photos/a", &[(name, value)], "").await.status
        };
        assert_eq!(status("if-match", &etag).await, 200);
        assert_eq!(status("if-match", "\"other\"").await, 412);
        assert_eq!(status("if-none-match", &etag).await, 304);
        assert_eq!(status("if-none-match", "\"other\"").await, 200);
        assert_eq!(status("if-modified-since", "Fri, 15 Jan 2027 08:00:00 GMT").await, 304);
        assert_eq!(status("if-modified-since", "Fri, 15 Jan 2027 07:59:59 GMT").await, 200);
        assert_eq!(status("if-modified-since", "some day").await, 200);
        assert_eq!(status("if-unmodified-since", "Fri, 15 Jan 2027 07:59:59 GMT").await, 412);
        let reply = ask(&bed.root(), "GET", "/photos/a", &[("if-none-match", &etag)], "").await;
        assert_eq!((header(&reply, "etag"), reply.body.len()), (etag.as_str(), 0));
    })
    .await;
}

#[tokio::test]
async fn the_request_can_replace_headers_of_the_reply() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        put(&bed, "/photos/a", "x").await;
        let path =
            "/photos/a?response-content-type=text%2Fplain&response-content-disposition=inline";
        let reply = get(&bed, path).await;
        assert_eq!(header(&reply, "content-type"), "text/plain");
        assert_eq!(header(&reply, "content-disposition"), "inline");
        let reply = get(&bed, "/photos/a").await;
        assert_eq!(header(&reply, "content-type"), "binary/octet-stream");
    })
    .await;
}

#[tokio::test]
async fn a_version_is_read_by_its_id_and_a_delete_marker_is_none() {
    on_every_engine(objects, async |bed| {
        create_versioned(&bed, "photos").await;
        let first = header(&put(&bed, "/photos/a", "1").await, "x-amz-version-id").to_owned();
        put(&bed, "/photos/a", "2").await;
        assert_eq!(get(&bed, "/photos/a").await.body, "2");
        let path = format!("/photos/a?versionId={first}");
        let old = get(&bed, &path).await;
        assert_eq!((&old.body[..], header(&old, "x-amz-version-id")), (&b"1"[..], &first[..]));
        let deleted = ok(&bed, "DELETE", "/photos/a", &[], "").await;
        let marker = header(&deleted, "x-amz-version-id").to_owned();
        let reply = ask(&bed.root(), "GET", "/photos/a", &[], "").await;
        assert_eq!((reply.status, header(&reply, "x-amz-delete-marker")), (404, "true"));
        assert_eq!(reply.fault().0, "NoSuchKey");
        let reply =
            ask(&bed.root(), "GET", &format!("/photos/a?versionId={marker}"), &[], "").await;
        assert_eq!((reply.status, reply.fault().0.as_str()), (405, "MethodNotAllowed"));
        assert_eq!(get(&bed, &path).await.body, "1");
        let (status, code) = fails(&bed, "GET", "/photos/a?versionId=nonsense", &[], "").await;
        assert_eq!((status, code.as_str()), (400, "InvalidArgument"));
        let other = format!("/photos/b?versionId={first}");
        assert_eq!(fails(&bed, "GET", &other, &[], "").await.1, "NoSuchVersion");
    })
    .await;
}

#[tokio::test]
async fn what_is_missing_is_told_only_to_who_may_list() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let may = |actions: &[&str]| {
            json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": actions, "Resource": "arn:aws:s3:::photos*"}]})
        };
        let reader = bed.user("Reader", &may(&["s3:GetObject"]));
        let reply = ask(&reader, "GET", "/photos/a", &[], "").await;
        assert_eq!((reply.status, reply.fault().0.as_str()), (403, "AccessDenied"));
        let lister = bed.user("Lister", &may(&["s3:GetObject", "s3:ListBucket"]));
        assert_eq!(ask(&lister, "GET", "/photos/a", &[], "").await.status, 404);
        put(&bed, "/photos/a", "x").await;
        assert_eq!(ask(&reader, "GET", "/photos/a", &[], "").await.status, 200);
        let anonymous = ask(&bed.anonymous(), "GET", "/photos/a", &[], "").await;
        assert_eq!((anonymous.status, anonymous.fault().0.as_str()), (403, "AccessDenied"));
    })
    .await;
}
