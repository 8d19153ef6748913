use crate::{
    ALGORITHM, BodyHash, Error, PathStyle, SigningKey,
    canonical::{canonical_request, signature},
    date::AmzDate,
    key::hex32,
    presented::{AMZ_DATE, CONTENT_SHA256, SECURITY_TOKEN},
    scope::Scope,
};
use http::{
    HeaderValue,
    header::{AUTHORIZATION, HOST},
    request::Parts,
};
use types::{Secret, Timestamp};

/// What a client signs with.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The access key id, sent with every request.
    pub access_key_id: String,
    /// The secret access key, never sent.
    pub secret: Secret,
    /// The token of temporary credentials.
    pub session_token: Option<Secret>,
}

impl Credentials {
    /// Long-term credentials, without a token.
    #[must_use]
    pub fn new(access_key_id: impl Into<String>, secret: Secret) -> Self {
        Self { access_key_id: access_key_id.into(), secret, session_token: None }
    }
}

/// Headers that proxies and clients change on the way. `x-amzn-trace-id` is one of them.
const NEVER_SIGNED: [&str; 10] = [
    "authorization",
    "connection",
    "expect",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
];

/// Signs a request in its `Authorization` header. Every other header must be set before. Sets
/// `x-amz-date`, `x-amz-security-token`, `host` if it is missing, and `x-amz-content-sha256` for S3
/// and for bodies that are not hashed; a signature that is already there is replaced.
///
/// # Errors
/// [`Error::Unsignable`] if the URI names no host and there is no `host` header, or if a credential
/// cannot be written in a header.
pub fn sign(
    parts: &mut Parts,
    body: &BodyHash,
    credentials: &Credentials,
    region: &str,
    service: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let date = AmzDate::of(now);
    let style = PathStyle::of(service);
    set_host(parts)?;
    parts.headers.insert(&AMZ_DATE, value(date.as_str())?);
    parts.headers.remove(&SECURITY_TOKEN);
    if let Some(token) = &credentials.session_token {
        let mut token = value(token.expose())?;
        token.set_sensitive(true);
        parts.headers.insert(&SECURITY_TOKEN, token);
    }
    parts.headers.remove(&CONTENT_SHA256);
    if style == PathStyle::S3 || !matches!(body, BodyHash::Sha256(_)) {
        let mut text = Vec::with_capacity(64);
        body.write(&mut text);
        let text = HeaderValue::from_bytes(&text).expect("hashes and fixed words are ASCII");
        parts.headers.insert(&CONTENT_SHA256, text);
    }
    let signed_headers = signed_headers(parts);
    let scope = Scope::new(date.day(), region, service);
    let key = SigningKey::derive(&credentials.secret, date.day(), region, service);
    let canonical = canonical_request(parts, &signed_headers, body, style);
    let signature = hex32(&signature(&key, &date, &scope, &canonical));
    let text = format!(
        "{ALGORITHM} Credential={}/{}, SignedHeaders={signed_headers}, Signature={}",
        credentials.access_key_id,
        scope.as_str(),
        String::from_utf8_lossy(&signature),
    );
    parts.headers.insert(AUTHORIZATION, value(&text)?);
    Ok(())
}

pub(crate) fn set_host(parts: &mut Parts) -> Result<(), Error> {
    if !parts.headers.contains_key(HOST) {
        let authority = parts.uri.authority().ok_or(Error::Unsignable("it has no host"))?;
        parts.headers.insert(HOST, value(authority.as_str())?);
    }
    Ok(())
}

pub(crate) fn signed_headers(parts: &Parts) -> String {
    let mut names: Vec<&str> = parts
        .headers
        .keys()
        .map(|name| name.as_str())
        .filter(|name| !NEVER_SIGNED.contains(name))
        .collect();
    names.sort_unstable();
    names.join(";")
}

fn value(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text).map_err(|_| Error::Unsignable("a value does not fit in a header"))
}
