//! REST-XML with the official model of S3.

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use serde_json::{Value, json};
use service::{Definition, Fault, Output};
use types::{RequestId, Timestamp};
use wire::{Decoded, Protocol, Registry, encode_fault};

fn registry() -> Registry {
    let s3 = Definition::new("s3", include_str!("../../objects/model.json"), Vec::new());
    let lambda = Definition::new("lambda", include_str!("../../functions/model.json"), Vec::new());
    Registry::new(&[lambda, s3], "pileus.example.org:4566").expect("a result")
}

fn parts(method: &str, target: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().method(method).uri(target);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", "127.0.0.1:4566");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).expect("a request").into_parts().0
}

fn operation(method: &str, target: &str, headers: &[(&str, &str)]) -> Result<String, Fault> {
    let registry = registry();
    let surface = registry.surface(&parts(method, target, headers), &Bytes::new(), Some("s3"));
    surface.endpoint().map(|endpoint| endpoint.operation().to_owned())
}

fn decode(
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Decoded, Fault> {
    let (registry, body) = (registry(), Bytes::copy_from_slice(body.as_bytes()));
    let parts = parts(method, target, headers);
    let surface = registry.surface(&parts, &body, Some("s3"));
    surface.decode(&surface.endpoint()?, &parts, &body, &Vec::new())
}

fn members(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Value {
    decode(method, target, headers, body).expect("members").members
}

struct Answer(Value);

impl Output for Answer {
    fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&self.0)
    }

    fn to_value(&self) -> Result<Value, serde_json::Error> {
        Ok(self.0.clone())
    }
}

fn id() -> RequestId {
    RequestId::from_random([7; 16])
}

fn encode(operation: &str, members: Value) -> Response<Bytes> {
    let registry = registry();
    let parts = match operation {
        "GetObject" => parts("GET", "/b/k", &[]),
        "ListObjectsV2" => parts("GET", "/b?list-type=2", &[]),
        "GetBucketLocation" => parts("GET", "/b?location", &[]),
        "GetBucketPolicy" => parts("GET", "/b?policy", &[]),
        "PutObject" => parts("PUT", "/b/k", &[]),
        "DeleteObject" => parts("DELETE", "/b/k", &[]),
        other => panic!("no request for {other}"),
    };
    let surface = registry.surface(&parts, &Bytes::new(), Some("s3"));
    let endpoint = surface.endpoint().expect("an operation");
    assert_eq!(endpoint.operation(), operation);
    endpoint.encode(&Answer(members), &id()).expect("a result")
}

fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).expect("a result")
}

#[test]
fn the_query_and_headers_tell_operations_on_one_path_apart() {
    let copy = ("x-amz-copy-source", "/a/b");
    for (method, target, headers, expected) in [
        ("GET", "/", vec![], "ListBuckets"),
        ("PUT", "/b", vec![], "CreateBucket"),
        ("GET", "/b", vec![], "ListObjects"),
        ("GET", "/b?prefix=a", vec![], "ListObjects"),
        ("GET", "/b?list-type=2&prefix=a", vec![], "ListObjectsV2"),
        ("GET", "/b?versions", vec![], "ListObjectVersions"),
        ("GET", "/b/?uploads=", vec![], "ListMultipartUploads"),
        ("GET", "/b?versioning", vec![], "GetBucketVersioning"),
        ("GET", "/b?lifecycle", vec![], "GetBucketLifecycleConfiguration"),
        ("GET", "/b?notification", vec![], "GetBucketNotificationConfiguration"),
        ("POST", "/b?delete", vec![], "DeleteObjects"),
        ("POST", "/b", vec![("content-type", "multipart/form-data; boundary=a")], "PostObject"),
        ("PUT", "/b/k?x-id=PutObject", vec![], "PutObject"),
        ("PUT", "/b/k", vec![copy], "CopyObject"),
        ("PUT", "/b/k?partNumber=1&uploadId=x", vec![], "UploadPart"),
        ("PUT", "/b/k?partNumber=1&uploadId=x", vec![copy], "UploadPartCopy"),
        ("POST", "/b/k?uploads", vec![], "CreateMultipartUpload"),
        ("POST", "/b/k?uploadId=x", vec![], "CompleteMultipartUpload"),
        ("DELETE", "/b/k?uploadId=x", vec![], "AbortMultipartUpload"),
        ("GET", "/b/k?uploadId=x", vec![], "ListParts"),
        ("GET", "/b/k?partNumber=1", vec![], "GetObject"),
        ("GET", "/b/k?tagging&versionId=v", vec![], "GetObjectTagging"),
        ("HEAD", "/b", vec![], "HeadBucket"),
        ("HEAD", "/b/k", vec![], "HeadObject"),
    ] {
        assert_eq!(operation(method, target, &headers).unwrap(), expected, "{method} {target}");
    }
}

#[test]
fn an_operation_that_is_not_implemented_is_refused_by_its_name() {
    for (method, target, expected) in [
        ("PUT", "/b?logging", "PutBucketLogging"),
        ("POST", "/b/k?select&select-type=2", "SelectObjectContent"),
        ("PUT", "/b?replication", "PutBucketReplication"),
        ("PUT", "/b?website", "PutBucketWebsite"),
        ("GET", "/b?analytics&id=1", "GetBucketAnalyticsConfiguration"),
        ("GET", "/b?analytics", "ListBucketAnalyticsConfigurations"),
        ("GET", "/b/k?torrent", "GetObjectTorrent"),
    ] {
        let fault = operation(method, target, &[]).unwrap_err();
        assert_eq!(fault.message(), format!("Pileus does not support operation {expected} of s3."));
    }
    let (registry, parts) = (registry(), parts("PUT", "/b?logging", &[]));
    let surface = registry.surface(&parts, &Bytes::new(), Some("s3"));
    let reply = encode_fault(&surface, &surface.endpoint().err().unwrap(), &id());
    assert_eq!(reply.status(), 501);
    assert_eq!(
        text(&reply),
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>NotImplemented</Code>\
             <Message>A header you provided implies functionality that is not implemented. Pileus \
             does not support operation PutBucketLogging of s3.</Message><RequestId>{}</RequestId>\
             <HostId>pileus</HostId></Error>",
            id()
        )
    );
    assert_eq!(reply.headers()["x-amz-request-id"], id().to_string());
    assert_eq!(reply.headers()["x-amz-id-2"], "pileus");
}

#[test]
fn a_method_that_is_none_and_a_path_that_is_not_utf8_are_refused() {
    assert_eq!(operation("PATCH", "/b/k", &[]).unwrap_err().code(), "MethodNotAllowed");
    assert_eq!(operation("GET", "/b/%ff", &[]).unwrap_err().code(), "InvalidURI");
}

#[test]
fn members_come_from_path_query_and_headers() {
    let read = members(
        "GET",
        "/b/a//%C3%A4+%2525?versionId=v+1&partNumber=2&response-expires=Tue,%2014%20Nov%202023%2022:13:20%20GMT",
        &[
            ("range", "bytes=0-1"),
            ("if-modified-since", "Tue, 14 Nov 2023 22:13:20 GMT"),
            ("x-amz-unknown", "1"),
        ],
        "",
    );
    assert_eq!(
        read,
        json!({
            "Bucket": "b", "Key": "a//ä+%25", "VersionId": "v 1", "PartNumber": 2,
            "Range": "bytes=0-1", "IfModifiedSince": 1_700_000_000.0,
            "ResponseExpires": 1_700_000_000.0,
        })
    );
    let read = members(
        "PUT",
        "/k",
        &[
            ("host", "b.localhost:4566"),
            ("x-amz-meta-Colour", "r\u{f6}t"),
            ("x-amz-meta-size", "1"),
            ("x-amz-meta-size", "2"),
            ("content-encoding", "aws-chunked,gzip"),
            ("expires", "0"),
            ("x-amz-object-lock-retain-until-date", "2023-11-14T22:13:20Z"),
            ("x-amz-server-side-encryption-bucket-key-enabled", "True"),
        ],
        "the body",
    );
    assert_eq!(
        read,
        json!({
            "Bucket": "b", "Key": "k", "Metadata": {"colour": "r\u{f6}t", "size": "1,2"},
            "ContentEncoding": "gzip", "Expires": "0",
            "ObjectLockRetainUntilDate": 1_700_000_000.0, "BucketKeyEnabled": true,
        })
    );
    let read =
        members("GET", "/b/k?attributes", &[("x-amz-object-attributes", "ETag, ObjectSize")], "");
    assert_eq!(read["ObjectAttributes"], json!(["ETag", "ObjectSize"]));
}

#[test]
fn a_value_of_another_type_is_an_invalid_argument() {
    let fault = decode("GET", "/b?list-type=2&max-keys=many", &[], "").unwrap_err();
    assert_eq!(fault.code(), "InvalidArgument");
    assert!(fault.message().contains("max-keys"), "{fault}");
}

#[test]
fn a_document_becomes_members() {
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>\
        <Object><Key> a&amp;b </Key></Object><Object><Key>c</Key><VersionId>v</VersionId>\
        </Object></Delete>";
    assert_eq!(
        members("POST", "/b?delete", &[], body)["Delete"],
        json!({"Quiet": true, "Objects": [{"Key": " a&b "}, {"Key": "c", "VersionId": "v"}]})
    );
    let body = "<Tagging><TagSet><Tag><Key>k</Key><Value/></Tag></TagSet></Tagging>";
    assert_eq!(
        members("PUT", "/b/k?tagging", &[], body)["Tagging"],
        json!({"TagSet": [{"Key": "k", "Value": ""}]})
    );
    let policy = r#"{"Version":"2012-10-17"}"#;
    assert_eq!(members("PUT", "/b?policy", &[], policy)["Policy"], policy);
    assert_eq!(members("PUT", "/b", &[], ""), json!({"Bucket": "b"}));
}

#[test]
fn a_document_that_is_not_the_schemas_is_refused() {
    for body in [
        "<Delete>",
        "<Other/>",
        "<Delete><Unknown/></Delete>",
        "<Delete><Quiet>perhaps</Quiet></Delete>",
        "<Delete><Quiet>true</Quiet><Quiet>true</Quiet></Delete>",
    ] {
        assert_eq!(
            decode("POST", "/b?delete", &[], body).unwrap_err().code(),
            "MalformedXML",
            "{body}"
        );
    }
    let fault = decode("POST", "/b?delete", &[], "").unwrap_err();
    assert_eq!(fault.code(), "MissingRequestBodyError");
}

#[test]
fn a_request_is_of_s3_if_it_is_signed_for_it_or_nobody_else_claims_it() {
    let registry = registry();
    let surface = |method, target, signed| {
        let surface = registry.surface(&parts(method, target, &[]), &Bytes::new(), signed);
        (surface.service_name(), surface.protocol())
    };
    let list = "/2015-03-31/functions";
    assert_eq!(surface("GET", list, Some("s3")), (Some("s3"), Protocol::RestXml));
    assert_eq!(surface("GET", list, None), (Some("lambda"), Protocol::RestJson));
    assert_eq!(surface("GET", "/b/k", None), (Some("s3"), Protocol::RestXml));
    assert_eq!(surface("GET", "/b/k", Some("lambda")), (Some("lambda"), Protocol::RestJson));
    assert_eq!(surface("GET", "/b/k", Some("other")), (None, Protocol::RestJson));
    let streams = |method, target| {
        registry.surface(&parts(method, target, &[]), &Bytes::new(), None).streams()
    };
    assert!(streams("PUT", "/b/k"));
    assert!(streams("PUT", "/b/k?partNumber=1&uploadId=x"));
    assert!(!streams("PUT", "/b/k?tagging"));
    assert!(!streams("GET", list));
}

#[test]
fn replies_are_written_by_the_model() {
    let reply = encode(
        "ListObjectsV2",
        json!({"IsTruncated": false, "Name": "b", "Contents": [
            {"Key": "a<\r\u{1}", "LastModified": 1_700_000_000.5, "ETag": "\"e\"", "Size": 1},
            {"Key": "b", "Size": 2}],
            "CommonPrefixes": [{"Prefix": "p/"}]}),
    );
    assert_eq!(reply.headers()["content-type"], "application/xml");
    assert_eq!(
        text(&reply),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes>\
         <Contents><ETag>&quot;e&quot;</ETag><Key>a&lt;&#13;&#x1;</Key>\
         <LastModified>2023-11-14T22:13:20.500Z</LastModified><Size>1</Size></Contents>\
         <Contents><Key>b</Key><Size>2</Size></Contents>\
         <IsTruncated>false</IsTruncated><Name>b</Name></ListBucketResult>"
    );
    let location = encode("GetBucketLocation", json!({"LocationConstraint": "eu-west-1"}));
    assert!(text(&location).ends_with("/2006-03-01/\">eu-west-1</LocationConstraint>"));
    let policy = encode("GetBucketPolicy", json!({"Policy": "{}"}));
    assert_eq!(
        (text(&policy), &policy.headers()["content-type"]),
        ("{}", &"application/json".parse().unwrap())
    );
}

#[test]
fn members_of_replies_become_headers() {
    let at = Timestamp::from_millis(1_700_000_000_500).as_secs_f64();
    let reply = encode(
        "GetObject",
        json!({"ContentLength": 3, "ETag": "\"e\"", "LastModified": at, "ContentType": "text/plain",
            "Metadata": {"colour": "r\u{f6}t"}, "DeleteMarker": false, "Expires": "never",
            "ObjectLockRetainUntilDate": at, "VersionId": null}),
    );
    let headers = reply.headers();
    let text = |name: &str| std::str::from_utf8(headers[name].as_bytes()).unwrap();
    assert_eq!(text("content-length"), "3");
    assert_eq!(text("last-modified"), "Tue, 14 Nov 2023 22:13:20 GMT");
    assert_eq!(text("x-amz-meta-colour"), "r\u{f6}t");
    assert_eq!(text("x-amz-delete-marker"), "false");
    assert_eq!(text("expires"), "never");
    assert_eq!(text("content-type"), "text/plain");
    assert_eq!(text("x-amz-object-lock-retain-until-date"), "2023-11-14T22:13:20.500Z");
    assert!(!headers.contains_key("x-amz-version-id"));
    assert!(headers.contains_key("x-amz-request-id"));
    let reply = encode("PutObject", json!({"ETag": "\"e\""}));
    assert_eq!((reply.status().as_u16(), reply.body().len()), (200, 0));
    assert_eq!(encode("DeleteObject", json!({})).status(), 204);
}

#[test]
fn faults_have_s3s_words_and_no_body_where_http_allows_none() {
    let registry = registry();
    let fault = |method: &str, fault: &Fault| {
        let parts = parts(method, "/b/k", &[]);
        encode_fault(&registry.surface(&parts, &Bytes::new(), Some("s3")), fault, &id())
    };
    let missing = Fault::sender("NoSuchKey", "The specified key does not exist.")
        .status(404)
        .member("Key", "k")
        .header("x-amz-delete-marker", "true");
    let reply = fault("GET", &missing);
    assert_eq!(reply.status(), 404);
    assert_eq!(reply.headers()["x-amz-delete-marker"], "true");
    assert!(text(&reply).contains(
        "<Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>k</Key>\
         <RequestId>"
    ));
    let head = fault("HEAD", &missing);
    assert_eq!((head.status().as_u16(), head.body().len()), (404, 0));
    assert!(!head.headers().contains_key("content-type"));
    let unchanged = fault("GET", &Fault::sender("NotModified", "").status(304));
    assert_eq!((unchanged.status().as_u16(), unchanged.body().len()), (304, 0));
    let denied = Fault::sender("MissingAuthenticationToken", "x").status(403);
    assert!(
        text(&fault("GET", &denied))
            .contains("<Code>AccessDenied</Code><Message>Access Denied</Message>")
    );
    let unknown = Fault::sender("InvalidClientTokenId", "x").status(403);
    assert!(text(&fault("GET", &unknown)).contains("<Code>InvalidAccessKeyId</Code>"));
    let internal = fault("GET", &Fault::internal("x"));
    assert_eq!(internal.status(), 500);
    assert!(text(&internal).contains("<Code>InternalError</Code>"));
}
