//! What a function answers, as a response.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Map, Value, json};

/// The response of a payload: an object with `statusCode` says everything; any other JSON is the
/// body itself.
pub(super) fn of_payload(payload: &Bytes, request_id: &str) -> Response<Bytes> {
    let parsed = serde_json::from_slice::<Value>(payload).ok();
    let response = match parsed {
        Some(Value::Object(members)) if members.contains_key("statusCode") => structured(&members),
        Some(_) => Some(plain(payload.clone())),
        None => None,
    };
    let mut response = response.unwrap_or_else(|| bad_gateway(request_id));
    add_request_id(response.headers_mut(), request_id);
    response
}

/// The function failed, or answered what is no response.
pub(super) fn bad_gateway(request_id: &str) -> Response<Bytes> {
    reply(502, &json!({"message": "Internal Server Error"}), request_id)
}

/// A response of the platform.
pub(super) fn reply(status: u16, body: &Value, request_id: &str) -> Response<Bytes> {
    let mut response = plain(body.to_string().into());
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    add_request_id(response.headers_mut(), request_id);
    response
}

fn plain(body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

pub(super) fn add_request_id(headers: &mut HeaderMap, request_id: &str) {
    if let Ok(value) = HeaderValue::try_from(request_id)
        && !request_id.is_empty()
    {
        headers.insert("x-amzn-requestid", value);
    }
}

/// `None` if it is malformed.
pub(super) fn structured(members: &Map<String, Value>) -> Option<Response<Bytes>> {
    let status = match &members["statusCode"] {
        Value::Number(number) => number.as_u64()?,
        Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    let encoded = members.get("isBase64Encoded").and_then(Value::as_bool).unwrap_or(false);
    let body = match members.get("body") {
        None | Some(Value::Null) => Bytes::new(),
        Some(Value::String(text)) if encoded => STANDARD.decode(text).ok()?.into(),
        Some(Value::String(text)) => text.clone().into(),
        Some(other) => other.to_string().into(),
    };
    let mut response = plain(body);
    *response.status_mut() =
        StatusCode::from_u16(u16::try_from(status).ok()?).ok().filter(|s| s.as_u16() >= 200)?;
    let headers = response.headers_mut();
    for (name, value) in members.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Null => continue,
            other => other.to_string(),
        };
        let name = HeaderName::try_from(name.as_str()).ok()?;
        // These describe the connection, which is the platform's.
        if matches!(name, header::CONTENT_LENGTH | header::TRANSFER_ENCODING | header::CONNECTION) {
            continue;
        }
        headers.insert(name, HeaderValue::try_from(text).ok()?);
    }
    for cookie in members.get("cookies").and_then(Value::as_array).into_iter().flatten() {
        headers.append(header::SET_COOKIE, HeaderValue::try_from(cookie.as_str()?).ok()?);
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn respond(payload: &Value) -> Response<Bytes> {
        of_payload(&payload.to_string().into(), "id")
    }

    #[test]
    fn an_object_with_a_status_says_everything() {
        let response = respond(&json!({
            "statusCode": 201,
            "headers": {"Content-Type": "text/plain", "X-Number": 7},
            "cookies": ["a=1", "b=2"],
            "body": "aGk=",
            "isBase64Encoded": true,
        }));
        assert_eq!((response.status().as_u16(), &response.body()[..]), (201, &b"hi"[..]));
        let headers = response.headers();
        assert_eq!(headers["content-type"], "text/plain");
        assert_eq!(headers["x-number"], "7");
        assert_eq!(headers.get_all("set-cookie").iter().count(), 2);
    }

    #[test]
    fn any_other_json_is_the_body() {
        for payload in [json!("Hello"), json!({"message": "Hello"}), json!([1]), Value::Null] {
            let response = respond(&payload);
            assert_eq!(response.status().as_u16(), 200);
            assert_eq!(response.headers()["content-type"], "application/json");
            assert_eq!(response.body(), &payload.to_string());
        }
    }

    #[test]
    fn what_is_no_response_is_a_bad_gateway() {
        for payload in
            [json!({"statusCode": "x"}), json!({"statusCode": 99}), json!({"statusCode": []})]
        {
            assert_eq!(respond(&payload).status().as_u16(), 502, "{payload}");
        }
        assert_eq!(of_payload(&Bytes::from_static(b"\xff"), "id").status().as_u16(), 502);
    }
}
