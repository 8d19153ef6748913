//! Signatures over one text that is known before the key is: the query of version 2, and the policy
//! of a form that a browser posts, in versions 2 and 4.
//!
//! Official descriptions: "Signing and authenticating REST requests (AWS signature version 2)",
//! "Browser-based uploads using POST" of both versions, in the S3 documentation.

use crate::{
    ALGORITHM, Error, SigningKey,
    date::AmzDate,
    encoding::{decode_query, query_pairs},
    key::parse_hex32,
    scope::Scope,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use http::{
    HeaderMap,
    header::{CONTENT_TYPE, HeaderName},
    request::Parts,
};
use sha1::Sha1;
use std::{borrow::Cow, collections::BTreeMap};
use types::{Secret, Timestamp};

/// A signature of one text: read, and not yet verified.
#[derive(Clone, Debug)]
pub struct TextSignature {
    access_key_id: String,
    token: Option<Secret>,
    /// The text, in every form in which clients sign it.
    texts: Vec<Vec<u8>>,
    version: Version,
    /// When it ends by itself; the policy of a form says its own end.
    until: Option<Timestamp>,
}

#[derive(Clone, Debug)]
enum Version {
    /// HMAC-SHA1 under the secret itself.
    Two([u8; 20]),
    /// HMAC-SHA256 under a derived key.
    Four(Scope, [u8; 32]),
}

const ACCESS_KEY: &str = "AWSAccessKeyId";
const SIGNATURE: &str = "Signature";
const EXPIRES: &str = "Expires";
const TOKEN: &str = "x-amz-security-token";
static CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");

/// Parameters that name what of a resource is meant, and so belong to it.
const SUB_RESOURCES: [&str; 43] = [
    "accelerate",
    "acl",
    "analytics",
    "attributes",
    "cors",
    "defaultObjectAcl",
    "delete",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "partNumber",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "retention",
    "select",
    "select-type",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

impl TextSignature {
    /// Reads the signature of version 2 in a query; `None` if there is none. `bucket` is the one
    /// that the host names.
    ///
    /// # Errors
    /// A signature that is there and not complete or readable.
    pub fn of_query(parts: &Parts, bucket: Option<&str>) -> Result<Option<Self>, Error> {
        let pairs = pairs(parts.uri.query().unwrap_or_default());
        let find = |wanted: &str| {
            pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
        };
        let found = (find(ACCESS_KEY), find(SIGNATURE), find(EXPIRES));
        let (access_key_id, signature, expires) = match found {
            (None, None, _) => return Ok(None),
            (Some(id), Some(signature), Some(expires)) => (id, signature, expires),
            _ => return Err(Error::IncompleteQueryV2),
        };
        let until = expires.parse().map(Timestamp::from_secs);
        let until = until.map_err(|_| Error::InvalidExpiresV2 { got: expires.to_owned() })?;
        Ok(Some(Self {
            access_key_id: access_key_id.to_owned(),
            token: find(TOKEN).map(Secret::new),
            texts: resources(parts.uri.path(), bucket)
                .iter()
                .map(|resource| string_to_sign(parts, &pairs, resource, expires))
                .collect(),
            version: Version::Two(parse_sha1(signature)?),
            until: Some(until),
        }))
    }

    /// Reads the signature of a form's policy; `None` if the form has no policy. `field` gives a
    /// field by its name in lower case.
    ///
    /// # Errors
    /// A policy without a signature, or one that is not complete or readable.
    pub fn of_form<'f>(field: impl Fn(&str) -> Option<&'f str>) -> Result<Option<Self>, Error> {
        let Some(policy) = field("policy") else { return Ok(None) };
        let need =
            |name: &'static str, found: Option<&'f str>| found.ok_or(Error::MissingField { name });
        let token = field(TOKEN).map(Secret::new);
        let texts = vec![policy.as_bytes().to_vec()];
        let Some(algorithm) = field("x-amz-algorithm") else {
            let access_key_id = need(ACCESS_KEY, field("awsaccesskeyid"))?.to_owned();
            let signature = need("signature", field("signature"))?;
            let version = Version::Two(parse_sha1(signature)?);
            return Ok(Some(Self { access_key_id, token, texts, version, until: None }));
        };
        if algorithm != ALGORITHM {
            return Err(Error::UnsupportedAlgorithm);
        }
        let credential = need("X-Amz-Credential", field("x-amz-credential"))?;
        let date = need("X-Amz-Date", field("x-amz-date"))?;
        let signature = need("X-Amz-Signature", field("x-amz-signature"))?;
        let (access_key_id, scope) = Scope::parse_credential(credential)?;
        let date = AmzDate::parse(date).ok_or(Error::InvalidDate { got: date.to_owned() })?;
        if scope.day() != date.day() {
            let (scope, day) = (scope.day().to_owned(), date.day().to_owned());
            return Err(Error::ScopeDate { scope, day, date: date.as_str().to_owned() });
        }
        let signature = parse_hex32(signature.as_bytes()).ok_or(Error::Mismatch)?;
        let access_key_id = access_key_id.to_owned();
        let version = Version::Four(scope, signature);
        Ok(Some(Self { access_key_id, token, texts, version, until: None }))
    }

    /// Who claims to have signed.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The session token of temporary credentials.
    #[must_use]
    pub fn token(&self) -> Option<&Secret> {
        self.token.as_ref()
    }

    /// Verifies it: for this region and service, in as far as it names them.
    ///
    /// # Errors
    /// It has ended, is for something else, or is not of this secret.
    pub fn verify(
        &self,
        secret: &Secret,
        region: &str,
        service: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        if let Some(until) = self.until.filter(|until| *until < now) {
            return Err(Error::PresignedExpired { until, now });
        }
        let is_it = match &self.version {
            Version::Two(signature) => {
                let mac = Hmac::<Sha1>::new_from_slice(secret.expose().as_bytes());
                let mac = mac.expect("HMAC takes keys of any length");
                self.texts.iter().any(|text| {
                    let mut mac = mac.clone();
                    mac.update(text);
                    mac.verify_slice(signature).is_ok()
                })
            }
            Version::Four(scope, signature) => {
                if scope.region() != region {
                    let (expected, got) = (region.to_owned(), scope.region().to_owned());
                    return Err(Error::WrongRegion { expected, got, presigned: true });
                }
                if scope.service() != service {
                    return Err(Error::WrongService { expected: service.to_owned() });
                }
                let key = SigningKey::derive(secret, scope.day(), region, service);
                self.texts.iter().any(|text| key.check(&[text], signature))
            }
        };
        if is_it { Ok(()) } else { Err(Error::Mismatch) }
    }
}

fn parse_sha1(text: &str) -> Result<[u8; 20], Error> {
    STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(Error::Mismatch)
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let text = |bytes: Cow<'_, [u8]>| String::from_utf8_lossy(&bytes).into_owned();
    query_pairs(query).map(|(n, v)| (text(decode_query(n)), text(decode_query(v)))).collect()
}

/// What is addressed: the bucket and the path as it was sent. Some end a bucket alone with a slash,
/// whether the path does or not.
fn resources(path: &str, bucket: Option<&str>) -> Vec<String> {
    let resource = bucket.map_or_else(|| path.to_owned(), |bucket| format!("/{bucket}{path}"));
    let is_bucket = resource.len() > 1 && !resource[1..].contains('/');
    let with_slash = is_bucket.then(|| format!("{resource}/"));
    [resource].into_iter().chain(with_slash).collect()
}

/// The text of version 2: method, digest and type of the body, end, the `x-amz-` headers, and what
/// is addressed. Who presigns may put headers into the query.
fn string_to_sign(
    parts: &Parts,
    pairs: &[(String, String)],
    resource: &str,
    expires: &str,
) -> Vec<u8> {
    let header = |name: &HeaderName| {
        let given = parts.headers.get(name).and_then(|value| value.to_str().ok());
        let in_query = || pairs.iter().find(|(given, _)| given.eq_ignore_ascii_case(name.as_str()));
        given.or_else(|| in_query().map(|(_, value)| value.as_str())).unwrap_or_default()
    };
    let mut text = String::new();
    for line in [parts.method.as_str(), header(&CONTENT_MD5), header(&CONTENT_TYPE), expires] {
        text.push_str(line.trim());
        text.push('\n');
    }
    for (name, value) in amz_headers(&parts.headers, pairs) {
        text.push_str(&format!("{name}:{value}\n"));
    }
    text.push_str(resource);
    let mut named: Vec<_> =
        pairs.iter().filter(|(name, _)| SUB_RESOURCES.contains(&name.as_str())).collect();
    named.sort();
    for (index, (name, value)) in named.into_iter().enumerate() {
        text.push(if index == 0 { '?' } else { '&' });
        text.push_str(name);
        if !value.is_empty() {
            text.push('=');
            text.push_str(value);
        }
    }
    text.into_bytes()
}

/// The `x-amz-` headers by their names, with all values of one joined by commas.
fn amz_headers(headers: &HeaderMap, pairs: &[(String, String)]) -> BTreeMap<String, String> {
    let in_headers = headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let in_query = pairs.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone()));
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in in_headers.chain(in_query) {
        if !name.starts_with("x-amz-") {
            continue;
        }
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        all.entry(name)
            .and_modify(|joined| {
                joined.push(',');
                joined.push_str(&value);
            })
            .or_insert(value);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    const NOW: Timestamp = Timestamp::from_secs(1_175_139_620);

    fn parts(method: &str, uri: &str) -> Parts {
        Request::builder().method(method).uri(uri).body(()).unwrap().into_parts().0
    }

    fn verify(parts: &Parts, bucket: Option<&str>, now: Timestamp) -> Result<(), Error> {
        let signature = TextSignature::of_query(parts, bucket)?.expect("a signature");
        let secret = Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        signature.verify(&secret, "us-east-1", "s3", now)
    }

    /// "Query string request authentication example" of the description of version 2.
    const PUBLISHED: &str = "/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&\
        Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620";

    #[test]
    fn the_published_example_is_good_for_its_bucket_until_its_end() {
        let parts = parts("GET", PUBLISHED);
        assert_eq!(verify(&parts, Some("johnsmith"), NOW), Ok(()));
        assert_eq!(verify(&parts, Some("other"), NOW), Err(Error::Mismatch));
        let late = NOW + std::time::Duration::from_secs(1);
        let ended = verify(&parts, Some("johnsmith"), late);
        assert_eq!(ended, Err(Error::PresignedExpired { until: NOW, now: late }));
    }

    #[test]
    fn a_query_says_all_three_or_nothing() {
        let read = |uri| TextSignature::of_query(&parts("GET", uri), None).map(|s| s.is_some());
        assert_eq!(read("/b/k?a=b&Expires=1"), Ok(false));
        assert_eq!(read("/b/k?Signature=AAAA&Expires=1"), Err(Error::IncompleteQueryV2));
        assert_eq!(read("/b/k?Signature=AAAA&AWSAccessKeyId=A"), Err(Error::IncompleteQueryV2));
        let soon = Error::InvalidExpiresV2 { got: "soon".to_owned() };
        assert_eq!(read("/b/k?Signature=AAAA&AWSAccessKeyId=A&Expires=soon"), Err(soon));
    }

    #[test]
    fn a_text_has_the_headers_and_what_of_the_resource_is_meant() {
        let uri = "/b?x-amz-security-token=t&acl&prefix=a&versionId=%20v&content-type=text/x";
        let mut parts = parts("PUT", uri);
        parts.headers.insert("x-amz-meta-a", " 1  2 ".parse().unwrap());
        let pairs = pairs(parts.uri.query().unwrap());
        let text = string_to_sign(&parts, &pairs, "/b/", "9");
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "PUT\n\ntext/x\n9\nx-amz-meta-a:1 2\nx-amz-security-token:t\n/b/?acl&versionId= v"
        );
        assert_eq!(resources("/b", None), ["/b", "/b/"]);
        assert_eq!(resources("/k", Some("b")), ["/b/k"]);
        assert_eq!(resources("/", None), ["/"]);
    }
}
