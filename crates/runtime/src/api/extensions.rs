//! The Extensions API, version 2020-01-01.

use super::{
    Api,
    reply::{self, Reply},
    routes,
};
use crate::extensions::{Refused, Subscription};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde::Deserialize;
use serde_json::json;

pub(super) const BASE: &str = "/2020-01-01/extension/";
const NAME: &str = "lambda-extension-name";
const IDENTIFIER: &str = "lambda-extension-identifier";
const EVENT_IDENTIFIER: &str = "lambda-extension-event-identifier";
const FEATURES: &str = "lambda-extension-accept-feature";

#[derive(Deserialize)]
struct Registration {
    #[serde(default)]
    events: Vec<Subscription>,
}

/// Answers one request of an extension; `None` if there is no such operation.
pub(super) async fn answer(
    api: &Api,
    method: &Method,
    operation: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<Reply> {
    let get_or_post = (method == Method::GET, method == Method::POST);
    let answer = match (operation, get_or_post) {
        ("register", (_, true)) => register(api, headers, body),
        ("event/next", (true, _)) => next(api, headers).await,
        ("init/error", (_, true)) => init_error(api, headers, body),
        ("exit/error", (_, true)) => exit_error(api, headers),
        _ => return None,
    };
    Some(answer.unwrap_or_else(refused))
}

fn register(api: &Api, headers: &HeaderMap, body: &[u8]) -> Result<Reply, Refused> {
    let name = routes::text(headers, NAME).filter(|name| !name.is_empty());
    let empty = || Refused("Extension.InvalidExtensionName", "Empty extension name".to_owned());
    let name = name.ok_or_else(empty)?;
    let parsed = serde_json::from_slice::<Registration>(body);
    let wanted = parsed.map_err(|error| {
        let unknown = error.to_string().contains("unknown variant");
        let kind =
            if unknown { "Extension.InvalidEventType" } else { "Extension.InvalidRequestFormat" };
        Refused(kind, error.to_string())
    })?;
    let id = api.extensions.register(&name, wanted.events)?;
    let mut about = json!({
        "functionName": api.about.function_name,
        "functionVersion": api.version,
        "handler": api.about.handler,
    });
    let features = routes::text(headers, FEATURES).unwrap_or_default();
    if features.split(',').any(|feature| feature.trim() == "accountId") {
        about["accountId"] = api.about.account.as_str().into();
    }
    Ok(identified(reply::ok(about.to_string().into()), IDENTIFIER, &id))
}

async fn next(api: &Api, headers: &HeaderMap) -> Result<Reply, Refused> {
    let id = identifier(headers)?;
    let event = api.extensions.next(&id).await?;
    Ok(identified(reply::ok(event), EVENT_IDENTIFIER, &api.extensions.event_id()))
}

fn init_error(api: &Api, headers: &HeaderMap, body: &[u8]) -> Result<Reply, Refused> {
    api.extensions.fail(&identifier(headers)?)?;
    let error_type = routes::error_type(headers, body);
    let failed = api.exchange.fail_start(Bytes::copy_from_slice(body), error_type);
    let late = |_| Refused("Extension.InvalidExtensionState", "The start is over".to_owned());
    failed.map_err(late)?;
    Ok(reply::accepted())
}

fn exit_error(api: &Api, headers: &HeaderMap) -> Result<Reply, Refused> {
    api.extensions.fail(&identifier(headers)?)?;
    Ok(reply::accepted())
}

fn identifier(headers: &HeaderMap) -> Result<String, Refused> {
    let missing = || {
        let text = format!("Missing {IDENTIFIER} header");
        Refused("Extension.MissingHeader", text)
    };
    routes::text(headers, IDENTIFIER).ok_or_else(missing)
}

fn identified(mut reply: Reply, name: &'static str, id: &str) -> Reply {
    if let Ok(value) = HeaderValue::try_from(id) {
        reply.headers_mut().insert(name, value);
    }
    reply
}

fn refused(Refused(error_type, message): Refused) -> Reply {
    reply::forbidden(error_type, &message)
}
