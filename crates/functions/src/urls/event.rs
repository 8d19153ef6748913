//! A request as the function sees it: payload format 2.0.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, header, request::Parts};
use percent_encoding::percent_decode_str;
use policy::Principal;
use serde_json::{Map, Value, json};
use service::Caller;
use std::net::IpAddr;
use time::macros::format_description;
use types::Timestamp;

/// A request and what is known of it.
pub(super) struct Incoming<'a> {
    pub(super) parts: &'a Parts,
    pub(super) body: &'a Bytes,
    pub(super) peer: IpAddr,
    pub(super) path: &'a str,
    pub(super) host: &'a str,
    pub(super) url_id: &'a str,
    pub(super) request_id: &'a str,
    /// Who signed, if the URL asks for it.
    pub(super) caller: Option<&'a Caller>,
    pub(super) secure: bool,
    pub(super) now: Timestamp,
}

impl Incoming<'_> {
    /// The event.
    pub(super) fn event(&self) -> Value {
        let query = self.parts.uri.query().unwrap_or_default();
        let mut event = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": self.path,
            "rawQueryString": query,
            "headers": self.headers(),
            "requestContext": self.context(),
            "isBase64Encoded": false,
        });
        let cookies = cookies(&self.parts.headers);
        if !cookies.is_empty() {
            event["cookies"] = cookies.into();
        }
        let parameters = parameters(query);
        if !parameters.is_empty() {
            event["queryStringParameters"] = parameters.into();
        }
        if !self.body.is_empty() {
            let (body, encoded) = body(&self.parts.headers, self.body);
            event["body"] = body.into();
            event["isBase64Encoded"] = encoded.into();
        }
        event
    }

    /// Names in lower case; several values of one name are joined by commas.
    fn headers(&self) -> Map<String, Value> {
        let mut headers = Map::new();
        for name in self.parts.headers.keys().filter(|name| **name != header::COOKIE) {
            let values = self.parts.headers.get_all(name);
            let values: Vec<_> =
                values.iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
            headers.insert(name.as_str().to_owned(), values.join(",").into());
        }
        let scheme = if self.secure { "https" } else { "http" };
        for (name, value) in
            [("x-forwarded-for", self.peer.to_string()), ("x-forwarded-proto", scheme.to_owned())]
        {
            headers.entry(name).or_insert_with(|| value.into());
        }
        headers
    }

    fn context(&self) -> Value {
        let agent = self.parts.headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok());
        let mut context = json!({
            "accountId": self.caller.map_or("anonymous", |caller| caller.account.as_str()),
            "apiId": self.url_id,
            "domainName": self.host,
            "domainPrefix": self.url_id,
            "http": {
                "method": self.parts.method.as_str(),
                "path": self.path,
                "protocol": "HTTP/1.1",
                "sourceIp": self.peer.to_string(),
                "userAgent": agent.unwrap_or_default(),
            },
            "requestId": self.request_id,
            "routeKey": "$default",
            "stage": "$default",
            "time": clf(self.now),
            "timeEpoch": self.now.as_millis(),
        });
        if let Some(caller) = self.caller {
            context["authorizer"] = json!({"iam": iam(caller)});
        }
        context
    }
}

fn iam(caller: &Caller) -> Value {
    let (arn, id) = match &caller.principal {
        Principal::Root { account } => {
            (format!("arn:aws:iam::{account}:root"), account.to_string())
        }
        Principal::User { arn, id } | Principal::Session { arn, id, .. } => {
            (arn.to_string(), id.clone())
        }
        other => (other.display_name(), String::new()),
    };
    json!({
        "accessKey": caller.access_key_id,
        "accountId": caller.account,
        "callerId": id,
        "cognitoIdentity": null,
        "principalOrgId": null,
        "userArn": arn,
        "userId": id,
    })
}

/// `12/Mar/2020:19:03:58 +0000`.
fn clf(at: Timestamp) -> String {
    let format =
        format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");
    at.to_time().format(&format).unwrap_or_default()
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(';')).map(|one| one.trim().to_owned()).collect()
}

/// Decoded; several values of one name are joined by commas.
fn parameters(query: &str) -> Map<String, Value> {
    let decode =
        |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let mut parameters = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decode(value);
        match parameters.entry(decode(name)) {
            serde_json::map::Entry::Vacant(entry) => drop(entry.insert(value.into())),
            serde_json::map::Entry::Occupied(mut entry) => {
                let before = entry.get().as_str().unwrap_or_default();
                *entry.get_mut() = format!("{before},{value}").into();
            }
        }
    }
    parameters
}

/// Text stays text; anything else is base64.
fn body(headers: &HeaderMap, body: &Bytes) -> (String, bool) {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.unwrap_or_default().split(';').next().unwrap_or_default();
    let media = media.trim().to_ascii_lowercase();
    let is_text = media.starts_with("text/")
        || media.ends_with("+json")
        || media.ends_with("+xml")
        || matches!(
            media.as_str(),
            "application/json" | "application/xml" | "application/javascript"
        );
    let packed = headers.contains_key(header::CONTENT_ENCODING);
    match std::str::from_utf8(body) {
        Ok(text) if is_text && !packed => (text.to_owned(), false),
        _ => (STANDARD.encode(body), true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;
    use std::net::Ipv4Addr;

    fn event(request: http::request::Builder, body: &'static [u8]) -> Value {
        let (parts, ()) = request.body(()).unwrap().into_parts();
        Incoming {
            parts: &parts,
            body: &Bytes::from_static(body),
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            path: "/a/b",
            host: "localhost",
            url_id: "abc",
            request_id: "id",
            caller: None,
            secure: false,
            now: Timestamp::from_millis(1_583_348_638_390),
        }
        .event()
    }

    #[test]
    fn a_request_becomes_an_event_of_format_2() {
        let request = Request::post("/lambda-url/abc/a/b?x=1&x=2%203&y")
            .header("Cookie", "a=1; b=2")
            .header("X-Many", "1")
            .header("X-Many", "2")
            .header("Content-Type", "application/json");
        let event = event(request, b"{}");
        assert_eq!(event["rawPath"], "/a/b");
        assert_eq!(event["rawQueryString"], "x=1&x=2%203&y");
        assert_eq!(event["queryStringParameters"], json!({"x": "1,2 3", "y": ""}));
        assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
        assert_eq!(event["headers"]["x-many"], "1,2");
        assert_eq!(event["headers"]["cookie"], Value::Null);
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("{}"), &json!(false)));
        let context = &event["requestContext"];
        assert_eq!(context["time"], "04/Mar/2020:19:03:58 +0000");
        assert_eq!(context["timeEpoch"], 1_583_348_638_390_u64);
        assert_eq!(context["accountId"], "anonymous");
        assert_eq!(context["http"]["method"], "POST");
    }

    #[test]
    fn bytes_are_sent_as_base64_and_no_body_is_absent() {
        let request = Request::post("/").header("Content-Type", "image/png");
        let sent = event(request, &[0xff, 0x00]);
        assert_eq!((&sent["body"], &sent["isBase64Encoded"]), (&json!("/wA="), &json!(true)));
        let empty = event(Request::get("/"), b"");
        assert_eq!((empty.get("body"), empty.get("cookies")), (None, None));
    }
}
