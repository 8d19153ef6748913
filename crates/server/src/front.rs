//! What the fronts of Pileus itself share: AWS has no names for them.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};
use service::{Caller, Fault, FrontRequest, FrontResponse, Permission, Platform, authorize};

/// Whoever signed a request, if they may do any of these.
pub(crate) fn permit(
    platform: &Platform,
    caller: Result<Option<Caller>, Fault>,
    actions: &[&'static str],
) -> Result<Caller, Fault> {
    let unsigned =
        || Fault::sender("MissingAuthenticationTokenException", "Sign the request.").status(403);
    let caller = caller?.ok_or_else(unsigned)?;
    let now = platform.clock.now();
    let mut allowed = Err(unsigned());
    for action in actions {
        let permission = Permission::new(action, "*");
        allowed = authorize(&caller, &permission, &platform.region, now);
        if allowed.is_ok() {
            break;
        }
    }
    allowed.map(|_| caller)
}

/// That there is no such method or path.
pub(crate) fn unknown(request: &FrontRequest) -> Fault {
    let what = format!("{} {}", request.parts.method, request.parts.uri.path());
    Fault::unsupported(what).status(405)
}

/// An answer in JSON.
pub(crate) fn answer(result: Result<Value, Fault>) -> FrontResponse {
    let (status, body) = match result {
        Ok(body) => (200, body),
        Err(fault) => {
            (fault.http_status(), json!({"message": fault.message(), "code": fault.code()}))
        }
    };
    let mut response = Response::new(Bytes::from(body.to_string()).into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
