//! Responses that a function streams to a URL of the mode `RESPONSE_STREAM`.
//!
//! A function that wants more than a body says so in a prelude: a JSON object with status, headers
//! and cookies, eight zero bytes, and then the body ("Response streaming", in "Building a custom
//! runtime for AWS Lambda").

use super::response;
use crate::config;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use http::{HeaderValue, Response, header};
use runtime::{Outcome, Piece, ResponseStream};
use serde_json::{Map, Value};
use service::{Body, BodyStream, Fault, FrontResponse};

/// The media type of a response with a prelude.
const WITH_PRELUDE: &str = "application/vnd.awslambda.http-integration-response";
/// What ends a prelude.
const END: [u8; 8] = [0; 8];
/// The media type of a response that names none.
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// The response of a function that did not stream: its result as it is, which nobody looks into.
pub(super) fn of_outcome(outcome: Outcome, request_id: &str) -> FrontResponse {
    if outcome.error.is_some() {
        return response::bad_gateway(request_id).map(Into::into);
    }
    let content_type = outcome.content_type.as_deref();
    head(Response::new(outcome.payload.into()), content_type, request_id)
}

/// The response of a function that streams, as soon as its head is known.
pub(super) async fn of_stream(stream: ResponseStream, request_id: &str) -> FrontResponse {
    let content_type = stream.content_type().map(str::to_owned);
    let is_with_prelude = content_type.as_deref().is_some_and(|given| {
        given.split(';').next().is_some_and(|media| media.trim() == WITH_PRELUDE)
    });
    if !is_with_prelude {
        let body = body(Bytes::new(), stream);
        return head(Response::new(Body::Stream(body)), content_type.as_deref(), request_id);
    }
    let Some((mut head, begun, rest)) = prelude(stream).await else {
        return response::bad_gateway(request_id).map(Into::into);
    };
    response::add_request_id(head.headers_mut(), request_id);
    head.map(|_| Body::Stream(body(begun, rest)))
}

fn head(
    mut response: FrontResponse,
    content_type: Option<&str>,
    request_id: &str,
) -> FrontResponse {
    let value = content_type.and_then(|text| HeaderValue::try_from(text).ok()).unwrap_or(BYTES);
    response.headers_mut().insert(header::CONTENT_TYPE, value);
    response::add_request_id(response.headers_mut(), request_id);
    response
}

/// The head that a prelude says, what has come of the body, and the rest. `None` if the function
/// failed or ended before, or the prelude is none.
async fn prelude(mut stream: ResponseStream) -> Option<(Response<Bytes>, Bytes, ResponseStream)> {
    let mut read = BytesMut::new();
    loop {
        let Piece::Data(bytes, rest) = stream.next().await else { return None };
        stream = rest;
        // The end may have come in two pieces.
        let from = read.len().saturating_sub(END.len() - 1);
        read.extend_from_slice(&bytes);
        let found = read[from..].windows(END.len()).position(|window| window == END);
        let length = found.map_or(read.len(), |at| from + at);
        if length > config::PRELUDE_BYTES {
            return None;
        }
        if found.is_some() {
            let begun = read.split_off(length).freeze().split_off(END.len());
            return Some((head_of(&read)?, begun, stream));
        }
    }
}

/// What a prelude says; a status that is not said is 200.
fn head_of(prelude: &[u8]) -> Option<Response<Bytes>> {
    let mut members: Map<String, Value> = serde_json::from_slice(prelude).ok()?;
    members.entry("statusCode").or_insert_with(|| 200.into());
    members.remove("body");
    let mut response = response::structured(&members)?;
    let says_type = |name: &String| name.eq_ignore_ascii_case("content-type");
    let headers = members.get("headers").and_then(Value::as_object);
    if !headers.is_some_and(|headers| headers.keys().any(says_type)) {
        response.headers_mut().insert(header::CONTENT_TYPE, BYTES);
    }
    Some(response)
}

/// A body of what has come and what is to come. A function that fails on the way breaks it off: the
/// client must not take it for whole.
fn body(begun: Bytes, stream: ResponseStream) -> BodyStream {
    let begun = (!begun.is_empty()).then_some(Ok(begun));
    let rest = stream::try_unfold(stream, |stream| async {
        match stream.next().await {
            Piece::Data(bytes, rest) => Ok(Some((bytes, rest))),
            Piece::End(Ok(outcome)) if outcome.error.is_none() => Ok(None),
            Piece::End(_) => Err(Fault::internal("a function failed in its response")),
        }
    });
    BodyStream::new(stream::iter(begun).chain(rest), None)
}
