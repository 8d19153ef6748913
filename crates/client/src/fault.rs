//! Errors as the protocols write them.

use crate::{Error, Reply, xml::Element};
use serde_json::Value;

/// A reply that is a success, or the service's error.
pub(crate) fn check(reply: Reply) -> Result<Reply, Error> {
    if reply.status.is_success() {
        return Ok(reply);
    }
    let (code, message) = from_xml(&reply).unwrap_or_else(|| from_json(&reply));
    let request_id = reply.header("x-amzn-requestid").or(reply.header("x-amz-request-id"));
    Err(Error::Service {
        status: reply.status,
        code,
        message,
        request_id: request_id.map(str::to_owned),
    })
}

fn from_xml(reply: &Reply) -> Option<(String, String)> {
    let text = std::str::from_utf8(&reply.body).ok()?;
    let root = text.trim_start().starts_with('<').then(|| Element::parse(text))?.ok()?;
    let error = root.child("Error").unwrap_or(&root);
    let code = error.child("Code")?.text.clone();
    Some((code, error.child("Message").map(|message| message.text.clone()).unwrap_or_default()))
}

fn from_json(reply: &Reply) -> (String, String) {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let member = |names: &[&str]| names.iter().find_map(|name| body.get(name)?.as_str());
    let code = reply.header("x-amzn-errortype").or_else(|| member(&["__type", "code", "Code"]));
    let code = code.map_or_else(|| reply.status.as_u16().to_string(), plain);
    let message = member(&["message", "Message", "errorMessage"]).map(str::to_owned);
    let message = message.unwrap_or_else(|| String::from_utf8_lossy(&reply.body).into_owned());
    (code, message)
}

/// The code without its namespace and without the URL that some services append.
fn plain(text: &str) -> String {
    let text = text.split(':').next().unwrap_or(text);
    text.rsplit('#').next().unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, StatusCode};

    fn fault(status: u16, header: Option<&'static str>, body: &'static str) -> (String, String) {
        let mut headers = HeaderMap::new();
        if let Some(value) = header {
            headers.insert("x-amzn-errortype", value.parse().unwrap());
        }
        let status = StatusCode::from_u16(status).unwrap();
        let error = check(Reply { status, headers, body: body.into() }).unwrap_err();
        (error.code().unwrap().to_owned(), error.message().unwrap().to_owned())
    }

    fn pair(code: &str, message: &str) -> (String, String) {
        (code.to_owned(), message.to_owned())
    }

    #[test]
    fn the_code_of_a_json_error_has_no_namespace() {
        let body = r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"gone"}"#;
        assert_eq!(fault(400, None, body), pair("QueueDoesNotExist", "gone"));
    }

    #[test]
    fn the_code_of_a_rest_error_is_in_its_header() {
        let body = r#"{"Message":"no such function","Type":"User"}"#;
        let header = Some("ResourceNotFoundException:http://internal.amazon.com/");
        assert_eq!(fault(404, header, body), pair("ResourceNotFoundException", "no such function"));
    }

    #[test]
    fn an_error_of_the_query_protocol_is_xml() {
        let body = "<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type><Code>ValidationError</Code>\
                    <Message>Stack a &amp; b</Message></Error></ErrorResponse>";
        assert_eq!(fault(400, None, body), pair("ValidationError", "Stack a & b"));
    }

    #[test]
    fn an_error_in_no_protocol_keeps_its_status_and_text() {
        assert_eq!(fault(502, None, "bad gateway"), pair("502", "bad gateway"));
    }
}
