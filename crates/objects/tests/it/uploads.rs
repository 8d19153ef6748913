//! What the tests of multipart uploads share.

use crate::common::{between, header, ok};
use testkit::{Bed, Reply};

/// The least that a part may have which is not the last.
pub(crate) const FIVE_MIB: usize = 5 << 20;

/// Begins an upload; the answer is its id.
pub(crate) async fn begin(bed: &Bed, path: &str, headers: &[(&str, &str)]) -> String {
    let reply = ok(bed, "POST", &format!("{path}?uploads"), headers, "").await;
    between(&reply.text(), "UploadId")
}

/// The list of parts that completes an upload.
pub(crate) fn document(parts: &[(u32, &str)]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|(number, etag)| {
            format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
        })
        .collect();
    format!("<CompleteMultipartUpload>{}</CompleteMultipartUpload>", parts.concat())
}

/// Uploads parts and completes.
pub(crate) async fn complete(bed: &Bed, path: &str, id: &str, parts: &[(u32, Vec<u8>)]) -> Reply {
    let mut etags = Vec::new();
    for (number, body) in parts {
        let part = format!("{path}?partNumber={number}&uploadId={id}");
        let reply = ok(bed, "PUT", &part, &[], body.clone()).await;
        etags.push((*number, header(&reply, "etag").to_owned()));
    }
    let listed: Vec<(u32, &str)> = etags.iter().map(|(n, etag)| (*n, etag.as_str())).collect();
    ok(bed, "POST", &format!("{path}?uploadId={id}"), &[], document(&listed)).await
}

/// A whole upload.
pub(crate) async fn upload(
    bed: &Bed,
    path: &str,
    headers: &[(&str, &str)],
    parts: &[(u32, Vec<u8>)],
) -> Reply {
    let id = begin(bed, path, headers).await;
    complete(bed, path, &id, parts).await
}
