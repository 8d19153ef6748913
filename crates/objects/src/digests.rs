//! Whether a document is the one that its request says: MD5 and checksum of all of it, in headers
//! or behind it ("Checking object integrity in Amazon S3").

use crate::{
    Error,
    intake::Expected,
    model::{Algorithm, ChecksumMembers, Hasher},
};
use md5::{Digest, Md5};
use service::{Document, Fault};

/// The operations that S3 does not do without a digest of their document, as its replies tell.
const REQUIRED: [&str; 7] = [
    "DeleteObjects",
    "PutBucketCors",
    "PutBucketLifecycleConfiguration",
    "PutBucketTagging",
    "PutObjectLegalHold",
    "PutObjectLockConfiguration",
    "PutObjectRetention",
];
/// The operation whose checksum is the one of the object that it makes.
const OF_OBJECT: &str = "CompleteMultipartUpload";
const PREFIX: &str = "x-amz-checksum-";
/// Headers that begin alike and carry no checksum.
const OTHERS: [&str; 3] =
    ["x-amz-checksum-algorithm", "x-amz-checksum-mode", "x-amz-checksum-type"];

/// Compares a document with its digests.
pub(crate) fn check(document: &Document<'_>) -> Result<(), Fault> {
    let sums = if document.operation == OF_OBJECT { None } else { Some(sums(document)?) };
    let named = document.header("x-amz-sdk-checksum-algorithm");
    let named = named.filter(|_| sums.is_some()).map(Algorithm::parse).transpose()?;
    let md5 = document.header("content-md5");
    let expected = Expected::of(md5, &sums.unwrap_or_default(), named)?;
    if expected.algorithm.is_some() && expected.checksum.is_none() {
        let text = "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* \
                    or x-amz-trailer headers were found.";
        return Err(Error::InvalidRequest(text.to_owned()).into());
    }
    if expected.md5.is_none()
        && expected.checksum.is_none()
        && REQUIRED.contains(&document.operation)
    {
        return Err(missing().into());
    }
    Ok(compare(document.bytes, &expected)?)
}

/// What S3 answers to a request that must have a digest and has none.
pub(crate) fn missing() -> Error {
    let text = "Missing required header for this request: Content-MD5 OR x-amz-checksum-*";
    Error::MissingParameter(text)
}

fn compare(bytes: &[u8], expected: &Expected) -> Result<(), Error> {
    if expected.md5.is_some_and(|md5| md5 != <[u8; 16]>::from(Md5::digest(bytes))) {
        return Err(Error::BadDigest);
    }
    let (Some(algorithm), Some(said)) = (expected.algorithm, &expected.checksum) else {
        return Ok(());
    };
    let mut hasher = Hasher::new(algorithm);
    hasher.update(bytes);
    if hasher.finish().value == *said { Ok(()) } else { Err(Error::BadChecksum(algorithm.name())) }
}

/// The checksums in headers and trailers. One that is not known here could not be compared.
fn sums(document: &Document<'_>) -> Result<ChecksumMembers, Error> {
    let headers = document.headers.keys().map(|name| name.as_str());
    let behind = document.trailers.iter().map(|(name, _)| name.as_str());
    let mut sums = ChecksumMembers::default();
    for name in headers.chain(behind) {
        if !name.starts_with(PREFIX) || OTHERS.contains(&name) {
            continue;
        }
        let known = Algorithm::ALL.into_iter().find(|algorithm| algorithm.header() == name);
        let algorithm = known.ok_or_else(|| Error::NotImplemented(format!("the header {name}")))?;
        *sums.member(algorithm) = document.header(name).map(str::to_owned);
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;

    fn code(operation: &str, headers: &[(&'static str, &str)]) -> Option<String> {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                (http::HeaderName::from_static(name), http::HeaderValue::from_str(value).unwrap())
            })
            .collect();
        let document = Document { operation, headers: &headers, trailers: &[], bytes: b"hello" };
        check(&document).err().map(|fault| fault.code().to_owned())
    }

    #[test]
    fn a_digest_that_is_said_must_be_that_of_the_document() {
        let put = "PutBucketPolicy";
        assert_eq!(code(put, &[]), None);
        assert_eq!(code(put, &[("content-md5", "XUFAKrxLKna5cZ2REBfFkg==")]), None);
        let other = "AAAAAAAAAAAAAAAAAAAAAA==";
        assert_eq!(code(put, &[("content-md5", other)]).as_deref(), Some("BadDigest"));
        assert_eq!(code(put, &[("content-md5", "x")]).as_deref(), Some("InvalidDigest"));
        assert_eq!(code(put, &[("x-amz-checksum-crc32", "NhCmhg==")]), None);
        let bad = code(put, &[("x-amz-checksum-crc32", "AAAAAA==")]);
        assert_eq!(bad.as_deref(), Some("BadDigest"));
        let unknown = code(put, &[("x-amz-checksum-other", "AAAAAA==")]);
        assert_eq!(unknown.as_deref(), Some("NotImplemented"));
        let named = code(put, &[("x-amz-sdk-checksum-algorithm", "CRC32")]);
        assert_eq!(named.as_deref(), Some("InvalidRequest"));
    }

    #[test]
    fn a_deletion_of_many_objects_needs_a_digest() {
        assert_eq!(code("DeleteObjects", &[]).as_deref(), Some("InvalidRequest"));
        assert_eq!(code("DeleteObjects", &[("x-amz-checksum-crc32", "NhCmhg==")]), None);
    }

    #[test]
    fn the_checksum_of_an_object_that_is_completed_is_not_that_of_the_document() {
        assert_eq!(code("CompleteMultipartUpload", &[("x-amz-checksum-crc32", "AAAAAA==")]), None);
    }
}
