//! What these tests share.

use base64::{Engine, engine::general_purpose::STANDARD};
use blob::Blobs;
use bytes::Bytes;
use clock::Ids;
use http::Request;
use kv::{Scan, Tag};
use md5::{Digest, Md5};
use service::{Definition, Platform, tag};
use std::sync::{Arc, LazyLock};
use tempfile::TempDir;
use testkit::{Bed, Client, Reply};

/// Where the blobs of all tests of this process lie: their ids are random.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

pub(crate) fn objects(platform: &Arc<Platform>) -> Vec<Definition> {
    let blobs = Blobs::local(platform.store.clone(), tag::BLOB, FOLDER.path()).expect("blobs");
    let entropy = || Ids::from_entropy().expect("entropy");
    let blobs = blobs.with_master_key(&[7; 32], entropy());
    let parts = objects::Parts { platform: platform.clone(), blobs, ids: entropy() };
    vec![objects::definition(&objects::Objects::new(parts))]
}

/// A request to the object service and its reply.
pub(crate) async fn ask(
    client: &Client,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Reply {
    let body = body.into();
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    // Some documents need one; official clients always send it.
    let is_document = method != "GET" && path.contains('?') && !path.contains("partNumber");
    if is_document && !headers.iter().any(|(name, _)| *name == "content-md5") {
        request = request.header("content-md5", STANDARD.encode(Md5::digest(&body)));
    }
    client.send("s3", request, body).await
}

/// A request that must succeed, asked by the root.
pub(crate) async fn ok(
    bed: &Bed,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Reply {
    let reply = ask(&bed.root(), method, path, headers, body).await;
    assert!(reply.status < 300, "{method} {path}: {} {}", reply.status, reply.text());
    reply
}

/// Status and code of a request that must fail, asked by the root.
pub(crate) async fn fails(
    bed: &Bed,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> (u16, String) {
    let reply = ask(&bed.root(), method, path, headers, body).await;
    assert!(reply.status >= 300, "{method} {path} succeeded: {}", reply.text());
    (reply.status, between(&reply.text(), "Code"))
}

pub(crate) async fn create(bed: &Bed, bucket: &str) {
    let location = format!(
        "<CreateBucketConfiguration><LocationConstraint>{}</LocationConstraint>\
         </CreateBucketConfiguration>",
        testkit::REGION
    );
    ok(bed, "PUT", &format!("/{bucket}"), &[], location).await;
}

/// Creates a bucket with versions.
pub(crate) async fn create_versioned(bed: &Bed, bucket: &str) {
    create(bed, bucket).await;
    set_versioning(bed, bucket, "Enabled").await;
}

pub(crate) async fn set_versioning(bed: &Bed, bucket: &str, status: &str) {
    let document =
        format!("<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>");
    ok(bed, "PUT", &format!("/{bucket}?versioning"), &[], document).await;
}

pub(crate) async fn put(bed: &Bed, path: &str, body: impl Into<Bytes>) -> Reply {
    ok(bed, "PUT", path, &[], body).await
}

pub(crate) async fn get(bed: &Bed, path: &str) -> Reply {
    ok(bed, "GET", path, &[], "").await
}

pub(crate) fn header<'r>(reply: &'r Reply, name: &str) -> &'r str {
    reply.headers.get(name).map_or("", |value| value.to_str().expect("plain text"))
}

/// The text of the first element of a name.
pub(crate) fn between(xml: &str, name: &str) -> String {
    all_between(xml, name).into_iter().next().unwrap_or_default()
}

/// The texts of all elements of a name.
pub(crate) fn all_between(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let parts = xml.split(&open).skip(1);
    parts.map(|part| part.split(&close).next().unwrap_or_default().to_owned()).collect()
}

/// How many keys the store has under a tag.
pub(crate) async fn count(bed: &Bed, tag: u16) -> usize {
    let mut tx = bed.platform.store.begin();
    tx.scan(&Tag(tag).range(), Scan::first(10_000)).await.expect("a scan").len()
}
