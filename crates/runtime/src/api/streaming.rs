//! A response that the runtime streams: handed on piece by piece, never held whole.

use super::{
    Api,
    reply::{self, Reply},
    routes,
};
use crate::{
    ResponseSink,
    config::{BREAK_OFF_GRACE, MAX_STREAM_BYTES},
    exchange::Answer,
};
use bytes::Bytes;
use http::{HeaderMap, header::CONTENT_TYPE};
use http_body_util::BodyExt;
use hyper::body::Incoming;

const MODE: &str = "lambda-runtime-function-response-mode";

/// How a response comes.
pub(super) enum Mode {
    Whole,
    Streamed,
    /// As no response can.
    Unknown,
}

/// What these headers announce.
pub(super) fn mode(headers: &HeaderMap) -> Mode {
    match headers.get(MODE).map(|value| value.as_bytes().to_ascii_lowercase()) {
        None => Mode::Whole,
        Some(mode) if mode == b"streaming" => Mode::Streamed,
        Some(_) => Mode::Unknown,
    }
}

/// How a body ended.
enum End {
    Complete(Option<HeaderMap>),
    TooLarge,
    BrokenOff,
}

/// Hands a response on and answers the invocation when it has ended.
pub(super) async fn response(
    api: &Api,
    id: &str,
    headers: &HeaderMap,
    body: Incoming,
    sink: &ResponseSink,
) -> Result<Reply, Reply> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    sink.begin(content_type.map(str::to_owned)).await;
    let (answer, reply) = match hand_on(body, sink).await {
        End::Complete(trailers) => {
            let answer = routes::response_answer(headers, Bytes::new(), trailers.as_ref());
            (answer, Ok(reply::accepted()))
        }
        End::TooLarge => {
            let limit = MAX_STREAM_BYTES;
            (routes::too_large(headers, limit), Err(reply::too_large(limit)))
        }
        End::BrokenOff => {
            // Mostly its process has ended, which then is the reason that the caller gets.
            tokio::time::sleep(BREAK_OFF_GRACE).await;
            let message = "The response broke off before its end.";
            let answer = Answer::failure("Runtime.TruncatedResponse", message);
            (answer, Err(reply::truncated()))
        }
    };
    api.exchange.finish(id, answer).map_err(|refusal| reply::refused(&refusal))?;
    reply
}

async fn hand_on(mut body: Incoming, sink: &ResponseSink) -> End {
    let (mut total, mut trailers) = (0, None);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return End::BrokenOff };
        match frame.into_data() {
            Ok(data) => {
                total += data.len();
                if total > MAX_STREAM_BYTES {
                    return End::TooLarge;
                }
                sink.data(data).await;
            }
            Err(frame) => trailers = frame.into_trailers().ok().or(trailers),
        }
    }
    End::Complete(trailers)
}
