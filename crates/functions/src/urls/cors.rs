//! Cross-origin requests: the configuration of a URL wins over what its function says.

use crate::model::Cors;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, header};
use service::FrontResponse;

/// The answer to a browser that asks first. The function is not called.
pub(super) fn preflight(cors: &Cors, origin: Option<&HeaderValue>) -> FrontResponse {
    let mut response = Response::new(Bytes::new().into());
    let headers = response.headers_mut();
    if allow_origin(cors, origin, headers) {
        list(headers, header::ACCESS_CONTROL_ALLOW_METHODS, cors.allow_methods.as_ref());
        list(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, cors.allow_headers.as_ref());
        if let Some(seconds) = cors.max_age {
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(seconds));
        }
    }
    response
}

/// Adds the headers of a configuration to a response.
pub(super) fn add(cors: &Cors, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
    let own = [
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        header::ACCESS_CONTROL_ALLOW_METHODS,
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        header::ACCESS_CONTROL_MAX_AGE,
    ];
    own.iter().for_each(|name| drop(headers.remove(name)));
    if allow_origin(cors, origin, headers) {
        list(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, cors.expose_headers.as_ref());
    }
}

/// True if the origin is allowed, which the headers then say.
fn allow_origin(cors: &Cors, origin: Option<&HeaderValue>, headers: &mut HeaderMap) -> bool {
    let Some(origin) = origin else { return false };
    let allowed = cors.allow_origins.as_deref().unwrap_or_default();
    let text = origin.as_bytes();
    if !allowed.iter().any(|one| one == "*" || one.as_bytes().eq_ignore_ascii_case(text)) {
        return false;
    }
    let credentials = cors.allow_credentials == Some(true);
    let any = allowed.iter().any(|one| one == "*");
    let value = if any && !credentials { HeaderValue::from_static("*") } else { origin.clone() };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value);
    if credentials {
        let yes = HeaderValue::from_static("true");
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
    }
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    true
}

fn list(headers: &mut HeaderMap, name: HeaderName, values: Option<&Vec<String>>) {
    let Some(values) = values.filter(|values| !values.is_empty()) else { return };
    if let Ok(value) = HeaderValue::try_from(values.join(",")) {
        headers.insert(name, value);
    }
}
