//! Faults in the words of each protocol.

use crate::{
    registry::{Protocol, Surface, reply},
    rest_xml::{HOST_ID, add_s3_ids},
    xml::Xml,
};
use bytes::Bytes;
use http::{HeaderValue, Response};
use serde_json::{Map, Value};
use service::{Fault, Side};
use std::borrow::Cow;
use types::RequestId;

/// What every service may answer, by the names that the families of protocols have for it.
const COMMON: [(&str, &str); 4] = [
    ("AccessDenied", "AccessDeniedException"),
    ("MissingAuthenticationToken", "MissingAuthenticationTokenException"),
    ("InvalidClientTokenId", "UnrecognizedClientException"),
    ("ExpiredToken", "ExpiredTokenException"),
];

/// Code and status of a fault in a protocol. JSON services refuse everything with status 400.
fn in_protocol(fault: &Fault, protocol: Protocol) -> (&str, u16) {
    let common = COMMON.iter().find(|(query, json)| [*query, *json].contains(&fault.code()));
    match (common, protocol) {
        (None, _) => (fault.code(), fault.http_status()),
        (Some((query, _)), Protocol::Query) => (query, 403),
        (Some((_, json)), Protocol::Json) => (json, 400),
        (Some((_, json)), Protocol::RestJson) => (json, 403),
        // S3 has words of its own.
        (Some(_), Protocol::RestXml) => (fault.code(), fault.http_status()),
    }
}

/// The reply that tells a fault to the caller.
#[must_use]
pub fn encode_fault(
    surface: &Surface<'_>,
    fault: &Fault,
    request_id: &RequestId,
) -> Response<Bytes> {
    match surface.protocol() {
        Protocol::Json => json(surface, fault, request_id),
        Protocol::Query => query(surface, fault, request_id),
        Protocol::RestJson => rest_json(surface, fault, request_id),
        Protocol::RestXml => rest_xml(surface, fault, request_id),
    }
}

fn json(surface: &Surface<'_>, fault: &Fault, request_id: &RequestId) -> Response<Bytes> {
    let mut body = message_members(surface, fault, "message");
    let service = surface.service_name().unwrap_or("coral");
    let (name, status) = in_protocol(fault, Protocol::Json);
    body.insert("__type".to_owned(), format!("com.amazonaws.{service}#{name}").into());
    let mut response = reply(status, surface.content_type(), to_bytes(body), request_id);
    if let Some(code) = surface.query_code(in_protocol(fault, Protocol::Query).0)
        && let Ok(value) = HeaderValue::try_from(format!("{code};{}", side(fault)))
    {
        response.headers_mut().insert("x-amzn-query-error", value);
    }
    response
}

fn rest_json(surface: &Surface<'_>, fault: &Fault, request_id: &RequestId) -> Response<Bytes> {
    let name = surface.message_member(fault.code()).unwrap_or("message");
    let mut body = message_members(surface, fault, name);
    let kind = if fault.side() == Side::Sender { "User" } else { "Service" };
    body.insert("Type".to_owned(), kind.into());
    let (code, status) = in_protocol(fault, Protocol::RestJson);
    let mut response = reply(status, "application/json", to_bytes(body), request_id);
    if let Ok(value) = HeaderValue::try_from(code) {
        response.headers_mut().insert("x-amzn-errortype", value);
    }
    response
}

fn query(surface: &Surface<'_>, fault: &Fault, request_id: &RequestId) -> Response<Bytes> {
    let (name, status) = in_protocol(fault, Protocol::Query);
    let code = surface.query_code(name).unwrap_or_else(|| name.to_owned());
    let status = surface.query_status(name).unwrap_or(status);
    let body = query_document(surface, &code, fault, request_id).unwrap_or_default();
    reply(status, "text/xml", body.into(), request_id)
}

fn query_document(
    surface: &Surface<'_>,
    code: &str,
    fault: &Fault,
    request_id: &RequestId,
) -> Result<Vec<u8>, Fault> {
    let mut xml = Xml::new();
    xml.open_root("ErrorResponse", surface.namespace())?;
    xml.open("Error")?;
    xml.text("Type", side(fault))?;
    xml.text("Code", code)?;
    xml.text("Message", fault.message())?;
    xml.close("Error")?;
    xml.text("RequestId", &request_id.to_string())?;
    xml.close("ErrorResponse")?;
    Ok(xml.finish())
}

/// Code, status and message of a fault in the words of S3.
fn in_rest_xml(fault: &Fault) -> (&str, u16, Cow<'_, str>) {
    let message = Cow::Borrowed(fault.message());
    match fault.code() {
        "AccessDeniedException" => ("AccessDenied", 403, message),
        "MissingAuthenticationToken" | "MissingAuthenticationTokenException" => {
            ("AccessDenied", 403, "Access Denied".into())
        }
        "InvalidClientTokenId" | "UnrecognizedClientException" => {
            let text = "The AWS Access Key Id you provided does not exist in our records.";
            ("InvalidAccessKeyId", 403, text.into())
        }
        "ExpiredToken" | "ExpiredTokenException" => {
            ("ExpiredToken", 400, "The provided token has expired.".into())
        }
        "UnsupportedOperation" => {
            let text = "A header you provided implies functionality that is not implemented";
            ("NotImplemented", 501, format!("{text}. {message}").into())
        }
        "SerializationException" => ("InvalidArgument", 400, message),
        "InternalFailure" => ("InternalError", 500, message),
        code => (code, fault.http_status(), message),
    }
}

fn rest_xml(surface: &Surface<'_>, fault: &Fault, request_id: &RequestId) -> Response<Bytes> {
    let (code, status, message) = in_rest_xml(fault);
    // What has no body by HTTP's rules has none here.
    let bare = surface.is_head() || matches!(status, 204 | 304);
    let body = match bare {
        true => Vec::new(),
        false => error_document(fault, code, &message, request_id).unwrap_or_default(),
    };
    let content_type = if bare { "" } else { "application/xml" };
    let mut response = reply(status, content_type, body.into(), request_id);
    add_s3_ids(response.headers_mut(), request_id);
    for (name, value) in fault.headers() {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(*name, value);
        }
    }
    response
}

fn error_document(
    fault: &Fault,
    code: &str,
    message: &str,
    request_id: &RequestId,
) -> Result<Vec<u8>, Fault> {
    let mut xml = Xml::new();
    xml.open_root("Error", "")?;
    xml.text("Code", code)?;
    xml.text("Message", message)?;
    for (name, value) in fault.members().into_iter().flatten() {
        match value {
            Value::String(text) => xml.text(name, text)?,
            other => xml.text(name, &other.to_string())?,
        }
    }
    xml.text("RequestId", &request_id.to_string())?;
    xml.text("HostId", HOST_ID)?;
    xml.close("Error")?;
    Ok(xml.finish())
}

fn message_members(surface: &Surface<'_>, fault: &Fault, name: &str) -> Map<String, Value> {
    let mut body = fault.members().cloned().unwrap_or_default();
    let name = surface.message_member(fault.code()).unwrap_or(name);
    body.insert(name.to_owned(), fault.message().into());
    body
}

fn side(fault: &Fault) -> &'static str {
    match fault.side() {
        Side::Sender => "Sender",
        Side::Receiver => "Receiver",
    }
}

fn to_bytes(body: Map<String, Value>) -> Bytes {
    Value::Object(body).to_string().into()
}
