use crate::{
    ALGORITHM, BodyHash, Credentials, Error, MAX_EXPIRES, PathStyle, SigningKey,
    canonical::{canonical_request, signature},
    date::AmzDate,
    encoding::{SIGNATURE, encode_query},
    key::hex32,
    scope::Scope,
    sign::{set_host, signed_headers},
};
use http::{request::Parts, uri::PathAndQuery};
use std::{fmt::Write, time::Duration};
use types::Timestamp;

/// Signs a request in its query string, valid from `now` for `expires` (1 second to 7 days). Every
/// header that is set becomes part of the signature and must be sent with the request.
///
/// `body` is [`BodyHash::Unsigned`] for S3 and the hash of the body elsewhere.
///
/// # Errors
/// [`Error::InvalidExpires`]; [`Error::Unsignable`] without a host or with a URI that is too long.
pub fn presign(
    parts: &mut Parts,
    body: &BodyHash,
    credentials: &Credentials,
    region: &str,
    service: &str,
    expires: Duration,
    now: Timestamp,
) -> Result<(), Error> {
    let secs = expires.as_secs();
    if secs == 0 || expires > MAX_EXPIRES {
        return Err(Error::InvalidExpires { got: secs.to_string() });
    }
    let date = AmzDate::of(now);
    let scope = Scope::new(date.day(), region, service);
    set_host(parts)?;
    let signed_headers = signed_headers(parts);
    let mut query = parts.uri.query().map_or_else(String::new, |query| format!("{query}&"));
    let credential = format!("{}/{}", credentials.access_key_id, scope.as_str());
    let mut add = |name: &str, value: &str| {
        let ends = if name == ALGORITHM_PARAM { "" } else { "&" };
        write!(query, "{ends}{name}={}", encode_query(value)).expect("a string takes all text");
    };
    add(ALGORITHM_PARAM, ALGORITHM);
    add("X-Amz-Credential", &credential);
    add("X-Amz-Date", date.as_str());
    add("X-Amz-Expires", &secs.to_string());
    add("X-Amz-SignedHeaders", &signed_headers);
    if let Some(token) = &credentials.session_token {
        add("X-Amz-Security-Token", token.expose());
    }
    set_query(parts, &query)?;
    let key = SigningKey::derive(&credentials.secret, date.day(), region, service);
    let canonical = canonical_request(parts, &signed_headers, body, PathStyle::of(service));
    let signature = hex32(&signature(&key, &date, &scope, &canonical));
    let signature = String::from_utf8_lossy(&signature);
    set_query(parts, &format!("{query}&{SIGNATURE}={signature}"))
}

const ALGORITHM_PARAM: &str = "X-Amz-Algorithm";

fn set_query(parts: &mut Parts, query: &str) -> Result<(), Error> {
    let refuse = |_| Error::Unsignable("its URI is not valid or too long");
    let target = format!("{}?{query}", parts.uri.path());
    let mut uri = std::mem::take(&mut parts.uri).into_parts();
    uri.path_and_query = Some(PathAndQuery::try_from(target).map_err(refuse)?);
    parts.uri =
        http::Uri::from_parts(uri).map_err(|_| Error::Unsignable("its URI is not valid"))?;
    Ok(())
}
