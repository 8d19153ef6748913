use crate::{exchange::Event, exchange::Refusal};
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use http_body_util::Full;

pub(super) type Reply = Response<Full<Bytes>>;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An event for the runtime.
pub(super) fn event(event: &Event) -> Reply {
    let invocation = &event.invocation;
    let mut reply = Response::new(Full::new(invocation.payload.clone()));
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, JSON);
    headers.insert("lambda-runtime-deadline-ms", event.deadline.as_millis().into());
    let texts = [
        ("lambda-runtime-aws-request-id", Some(&invocation.request_id)),
        ("lambda-runtime-invoked-function-arn", Some(&invocation.invoked_arn)),
        ("lambda-runtime-trace-id", invocation.trace_id.as_ref()),
        ("lambda-runtime-client-context", invocation.client_context.as_ref()),
        ("lambda-runtime-cognito-identity", invocation.cognito_identity.as_ref()),
    ];
    for (name, text) in texts {
        // Texts that no header can carry were refused before the event was offered.
        if let Some(Ok(value)) = text.map(|text| HeaderValue::from_bytes(text.as_bytes())) {
            headers.insert(name, value);
        }
    }
    reply
}

/// An answer in JSON.
pub(super) fn ok(body: Bytes) -> Reply {
    let mut reply = Response::new(Full::new(body));
    reply.headers_mut().insert(CONTENT_TYPE, JSON);
    reply
}

/// What is asked for is not allowed now.
pub(super) fn forbidden(error_type: &str, message: &str) -> Reply {
    error(StatusCode::FORBIDDEN, error_type, message)
}

/// An API that this platform does not have.
pub(super) fn not_implemented(error_type: &str, name: &str) -> Reply {
    let message = format!("Pileus does not support the {name} API");
    error(StatusCode::NOT_IMPLEMENTED, error_type, &message)
}

/// The runtime's answer was taken.
pub(super) fn accepted() -> Reply {
    json(StatusCode::ACCEPTED, r#"{"status":"OK"}"#.into())
}

/// The state of the runtime does not allow its request.
pub(super) fn refused(refusal: &Refusal) -> Reply {
    match refusal {
        Refusal::InvalidRequestId => {
            error(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID")
        }
        Refusal::InvalidState { from, to } => error(
            StatusCode::FORBIDDEN,
            "InvalidStateTransition",
            &format!(
                "State transition from {from} to {to} failed for runtime. Error: State transition is not allowed"
            ),
        ),
    }
}

/// The body is larger than a response may be.
pub(super) fn too_large(limit: usize) -> Reply {
    error(
        StatusCode::PAYLOAD_TOO_LARGE,
        "RequestEntityTooLarge",
        &format!("Exceeded maximum allowed payload size ({limit} bytes)."),
    )
}

/// The response is to be neither whole nor streamed.
pub(super) fn invalid_mode() -> Reply {
    error(StatusCode::BAD_REQUEST, "InvalidFunctionResponseMode", "Invalid function response mode")
}

/// The body ended before its announced length.
pub(super) fn truncated() -> Reply {
    error(StatusCode::BAD_REQUEST, "TruncatedHTTPRequest", "HTTP request detected as truncated")
}

/// No operation has this method and path.
pub(super) fn not_found(method: &http::Method, path: &str) -> Reply {
    error(
        StatusCode::NOT_FOUND,
        "NotFound",
        &format!("{method} {path} is not an operation of the Runtime API 2018-06-01"),
    )
}

fn error(status: StatusCode, error_type: &str, message: &str) -> Reply {
    let body = serde_json::json!({ "errorMessage": message, "errorType": error_type });
    json(status, body.to_string())
}

fn json(status: StatusCode, body: String) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::from(body)));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, JSON);
    reply
}
