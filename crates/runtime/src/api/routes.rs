use super::{
    Api, extensions,
    reply::{self, Reply},
    streaming::{self, Mode},
};
use crate::{config::MAX_RESPONSE_BYTES, exchange::Answer, platform_event::PlatformEvent};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, header::CONTENT_TYPE, request::Parts};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use tokio::time::Instant;

const BASE: &str = "/2018-06-01/runtime/";
const LOGS: &str = "/2020-08-15/logs";
const TELEMETRY: &str = "/2022-07-01/telemetry";
const ERROR_TYPE: &str = "lambda-runtime-function-error-type";
const EXTENSION_ERROR_TYPE: &str = "lambda-extension-function-error-type";
const ERROR_BODY: &str = "lambda-runtime-function-error-body";
const RESPONSE: &str = "InvocationResponse";
const ERROR: &str = "InvocationErrorResponse";

/// Answers one request of a runtime.
pub(super) async fn answer(api: &Api, request: Request<Incoming>) -> Reply {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let Some(operation) = path.strip_prefix(BASE) else {
        return beside_runtime(api, &head, body).await;
    };
    let outcome = match (&head.method, operation) {
        (&Method::GET, "invocation/next") => next(api).await,
        (&Method::POST, "init/error") => init_error(api, &head.headers, body).await,
        (&Method::POST, operation) => match split_invocation(operation) {
            Some((id, "response")) => response(api, id, &head.headers, body).await,
            Some((id, "error")) => error(api, id, &head.headers, body).await,
            _ => Err(reply::not_found(&head.method, path)),
        },
        _ => Err(reply::not_found(&head.method, path)),
    };
    outcome.unwrap_or_else(|refusal| refusal)
}

/// What others than the runtime ask for.
async fn beside_runtime(api: &Api, head: &Parts, body: Incoming) -> Reply {
    let body = match collect(body).await {
        Ok((body, _)) => body,
        Err(error) => return unread(error),
    };
    let path = head.uri.path();
    match path {
        LOGS => return reply::not_implemented("Logs.NotSupported", "Logs"),
        TELEMETRY => return reply::not_implemented("Telemetry.NotSupported", "Telemetry"),
        _ => {}
    }
    let operation = path.strip_prefix(extensions::BASE).unwrap_or_default();
    let answer = extensions::answer(api, &head.method, operation, &head.headers, &body).await;
    answer.unwrap_or_else(|| reply::not_found(&head.method, path))
}

/// `invocation/<id>/<operation>`
fn split_invocation(operation: &str) -> Option<(&str, &str)> {
    operation.strip_prefix("invocation/")?.split_once('/')
}

async fn next(api: &Api) -> Result<Reply, Reply> {
    api.extensions.initialised().await;
    let event = api.exchange.next().await.map_err(|refusal| reply::refused(&refusal))?;
    api.extensions.invoke(&event.invocation, event.deadline);
    let (request_id, version) = (event.invocation.request_id.as_str(), api.version.as_str());
    api.log.platform([PlatformEvent::Start { request_id, version }]);
    Ok(reply::event(&event))
}

async fn response(
    api: &Api,
    id: &str,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<Reply, Reply> {
    let sink = match streaming::mode(headers) {
        Mode::Whole => None,
        Mode::Streamed => {
            api.exchange.begin(id, RESPONSE).map_err(|refusal| reply::refused(&refusal))?
        }
        Mode::Unknown => return Err(invalid_mode(api, id, body).await),
    };
    if let Some(sink) = sink {
        return streaming::response(api, id, headers, body, &sink).await;
    }
    let (answer, reply) = match collect(body).await {
        Ok((body, trailers)) => {
            (response_answer(headers, body, trailers.as_ref()), Ok(reply::accepted()))
        }
        Err(Unread::TooLarge) => collected_too_large(headers),
        Err(Unread::Truncated) => return Err(reply::truncated()),
    };
    api.exchange.answer(id, RESPONSE, answer).map_err(|refusal| reply::refused(&refusal))?;
    reply
}

/// A response in a mode that does not exist fails its invocation, as Amazon's emulator of the
/// Runtime API does it (`invocationResponseHandler` of `aws-lambda-runtime-interface-emulator`).
async fn invalid_mode(api: &Api, id: &str, body: Incoming) -> Reply {
    // Of a body that cannot be read there is nothing to say that the mode does not.
    let _ = collect(body).await;
    let message = "The response's mode is neither absent nor \"streaming\".";
    let answer = Answer::failure("Runtime.InvalidResponseModeHeader", message);
    match api.exchange.answer(id, RESPONSE, answer) {
        Ok(()) => reply::invalid_mode(),
        Err(refusal) => reply::refused(&refusal),
    }
}

async fn error(api: &Api, id: &str, headers: &HeaderMap, body: Incoming) -> Result<Reply, Reply> {
    let (answer, reply) = match collect(body).await {
        Ok((body, _)) => {
            let error_type = error_type(headers, &body);
            (Answer::Error { body, error_type, at: Instant::now() }, Ok(reply::accepted()))
        }
        Err(Unread::TooLarge) => collected_too_large(headers),
        Err(Unread::Truncated) => return Err(reply::truncated()),
    };
    api.exchange.answer(id, ERROR, answer).map_err(|refusal| reply::refused(&refusal))?;
    reply
}

async fn init_error(api: &Api, headers: &HeaderMap, body: Incoming) -> Result<Reply, Reply> {
    let (body, _) = collect(body).await.map_err(unread)?;
    let error_type = error_type(headers, &body);
    api.exchange.fail_start(body, error_type).map_err(|refusal| reply::refused(&refusal))?;
    Ok(reply::accepted())
}

/// A streamed response tells of its failure in trailers, behind what was already sent.
pub(super) fn response_answer(
    headers: &HeaderMap,
    body: Bytes,
    trailers: Option<&HeaderMap>,
) -> Answer {
    let at = Instant::now();
    let failure = trailers.and_then(|trailers| {
        let error_type = text(trailers, ERROR_TYPE)?;
        let body = trailers.get(ERROR_BODY).map(|value| Bytes::copy_from_slice(value.as_bytes()));
        Some(Answer::Error { body: decode(body.unwrap_or_default()), error_type, at })
    });
    failure.unwrap_or_else(|| Answer::Response {
        body,
        content_type: headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned),
        at,
    })
}

/// The trailer carries the error's JSON in base64.
fn decode(encoded: Bytes) -> Bytes {
    use base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.decode(&encoded).map_or(encoded, Bytes::from)
}

fn collected_too_large(headers: &HeaderMap) -> (Answer, Result<Reply, Reply>) {
    let limit = MAX_RESPONSE_BYTES;
    (too_large(headers, limit), Err(reply::too_large(limit)))
}

/// What the caller gets for a response that is too large: Lambda's failure for it.
pub(super) fn too_large(headers: &HeaderMap, limit: usize) -> Answer {
    let size =
        text(headers, "content-length").map_or_else(String::new, |size| format!(" ({size} bytes)"));
    let message = format!(
        "Response payload size{size} exceeded maximum allowed payload size ({limit} bytes)."
    );
    Answer::failure("Function.ResponseSizeTooLarge", &message)
}

/// The header names the error's type; some clients give it in the body only.
pub(super) fn error_type(headers: &HeaderMap, body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Body {
        #[serde(rename = "errorType")]
        error_type: Option<String>,
    }
    text(headers, ERROR_TYPE)
        .or_else(|| text(headers, EXTENSION_ERROR_TYPE))
        .or_else(|| serde_json::from_slice::<Body>(body).ok()?.error_type)
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| "Runtime.Unknown".into())
}

pub(super) fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

enum Unread {
    TooLarge,
    Truncated,
}

async fn collect(body: Incoming) -> Result<(Bytes, Option<HeaderMap>), Unread> {
    match Limited::new(body, MAX_RESPONSE_BYTES).collect().await {
        Ok(collected) => {
            let trailers = collected.trailers().cloned();
            Ok((collected.to_bytes(), trailers))
        }
        Err(error) if error.is::<LengthLimitError>() => Err(Unread::TooLarge),
        Err(_) => Err(Unread::Truncated),
    }
}

/// A body that could not be read is refused.
fn unread(unread: Unread) -> Reply {
    match unread {
        Unread::TooLarge => reply::too_large(MAX_RESPONSE_BYTES),
        Unread::Truncated => reply::truncated(),
    }
}
