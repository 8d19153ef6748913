//! Function URLs, as "Invoking Lambda function URLs" in the Developer Guide describes them.
//!
//! A URL has a path form, `<public url>/lambda-url/<id>/...`, which needs no DNS, and a host form,
//! `<id>.lambda-url.<region>.<anything>`.

mod cors;
mod event;
mod response;
mod stream;

use crate::{
    Functions, config,
    invoke::Call,
    lineage::Trace,
    model::{self, AuthType, Function, FunctionName, InvokeMode, PolicyOwner, Url, document},
};
use event::Incoming;
use futures_util::future::BoxFuture;
use http::{Method, header};
use response::{bad_gateway, of_payload};
use runtime::Response;
use serde_json::{Value, json};
use service::{Caller, Fault, Front, FrontRequest, FrontResponse, Permission, authorize};
use std::sync::Arc;

pub(crate) struct UrlFront(pub(crate) Arc<Functions>);

/// The label after the id in the host form.
const HOST_LABEL: &str = ".lambda-url.";

impl Front for UrlFront {
    fn signing_name(&self) -> &'static str {
        "lambda"
    }

    fn claims(&self, host: &str, path: &str) -> bool {
        host.contains(HOST_LABEL) || path.starts_with(config::URL_PATH)
    }

    fn answer(&self, request: FrontRequest) -> BoxFuture<'_, FrontResponse> {
        Box::pin(async move {
            match self.try_answer(request).await {
                Ok(response) => response,
                Err(fault) => refusal(&fault),
            }
        })
    }
}

/// What a request's URL means.
struct Found {
    url: Url,
    function: Function,
    /// Of the policy of the function, or of the alias.
    statements: Vec<Value>,
    /// The path behind the URL, from its slash on.
    path: String,
    host: String,
}

impl UrlFront {
    async fn try_answer(&self, request: FrontRequest) -> Result<FrontResponse, Fault> {
        let Some(found) = self.find(&request).await? else { return Ok(forbidden()) };
        let origin = request.parts.headers.get(header::ORIGIN).cloned();
        if let Some(cors) = &found.url.cors
            && request.parts.method == Method::OPTIONS
            && request.parts.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
        {
            return Ok(cors::preflight(cors, origin.as_ref()));
        }
        let caller = match found.url.auth {
            AuthType::None => {
                Caller::anonymous(self.0.platform.account.clone(), Some(request.peer))
            }
            AuthType::AwsIam => match request.caller {
                Ok(Some(ref caller)) => caller.clone(),
                Ok(None) => return Ok(forbidden()),
                Err(ref fault) => return Ok(refusal(fault)),
            },
        };
        if self.permit(&found, &caller).is_err() {
            return Ok(forbidden());
        }
        let mut response = self.invoke(&found, &request, &caller).await?;
        if let Some(cors) = &found.url.cors {
            cors::add(cors, origin.as_ref(), response.headers_mut());
        }
        Ok(response)
    }

    async fn find(&self, request: &FrontRequest) -> Result<Option<Found>, Fault> {
        let host = request.parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let host = host.unwrap_or_default();
        let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let path = request.parts.uri.path();
        let (id, path) = match (host.split_once(HOST_LABEL), path.strip_prefix(config::URL_PATH)) {
            (Some((id, _)), _) => (id, path),
            (None, Some(rest)) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
            (None, None) => return Ok(None),
        };
        let path = if path.is_empty() { "/" } else { path };
        let platform = &self.0.platform;
        let mut tx = platform.store.begin();
        let Some(url) = model::find_url(platform, &mut tx, id).await? else { return Ok(None) };
        let name = FunctionName::of_arn(platform, &url.function_arn)?;
        let Some(owner) = PolicyOwner::find(platform, &mut tx, &name).await? else {
            return Ok(None);
        };
        let function = model::drawn(platform, &mut tx, &name, self.0.draw()).await?;
        let statements = owner.statements().to_vec();
        let (path, host) = (path.to_owned(), host.to_owned());
        Ok(Some(Found { url, function, statements, path, host }))
    }

    /// Two actions are needed, each with a condition that says that the call came over the URL.
    fn permit(&self, found: &Found, caller: &Caller) -> Result<(), Fault> {
        let policy = document(&found.statements)?;
        let platform = &self.0.platform;
        let auth = ("lambda:FunctionUrlAuthType", found.url.auth.as_str());
        let via = ("lambda:InvokedViaFunctionUrl", "true");
        let needed = [("lambda:InvokeFunctionUrl", auth), ("lambda:InvokeFunction", via)];
        needed.into_iter().try_for_each(|(action, (key, value))| {
            let permission = Permission::new(action, found.url.function_arn.as_str())
                .with_policy(policy.clone())
                .with_condition(key, value);
            authorize(caller, &permission, &platform.region, platform.clock.now())
        })
    }

    async fn invoke(
        &self,
        found: &Found,
        request: &FrontRequest,
        caller: &Caller,
    ) -> Result<FrontResponse, Fault> {
        let id = self.0.ids.uuid();
        let request_id = id.to_string();
        let platform = &self.0.platform;
        let incoming = Incoming {
            parts: &request.parts,
            body: &request.body,
            peer: request.peer,
            path: &found.path,
            host: &found.host,
            url_id: &found.url.id,
            request_id: &request_id,
            caller: (found.url.auth == AuthType::AwsIam).then_some(caller),
            secure: platform.public_url.as_str().starts_with("https:"),
            now: platform.clock.now(),
        };
        let payload = incoming.event().to_string();
        if payload.len() > config::SYNC_PAYLOAD_BYTES {
            return Ok(reply(413, &json!({"message": "Request Entity Too Large"}), &request_id));
        }
        // What calls a URL says nothing of a chain, as on Lambda.
        let trace = self.0.enter(&found.function, Trace::default(), &id).await?;
        let call = Call {
            trace,
            request_id: request_id.clone(),
            payload: payload.into(),
            arn: found.url.function_arn.to_string(),
            client_context: None,
            tail: false,
        };
        match self.call(found, call).await {
            Ok(response) => Ok(response),
            Err(fault) if fault.code() == "TooManyRequestsException" => {
                Ok(reply(429, &json!({"Message": fault.message()}), &request_id))
            }
            Err(fault) => {
                tracing::error!(%request_id, function = %found.function.arn, %fault, "a function URL failed");
                Ok(bad_gateway(&request_id).map(Into::into))
            }
        }
    }

    /// Calls the function in the mode of its URL.
    async fn call(&self, found: &Found, call: Call) -> Result<FrontResponse, Fault> {
        let request_id = call.request_id.clone();
        if found.url.mode == InvokeMode::ResponseStream {
            return Ok(match self.0.stream(&found.function, call).await? {
                Response::Whole(outcome) => stream::of_outcome(*outcome, &request_id),
                Response::Stream(response) => stream::of_stream(response, &request_id).await,
            });
        }
        let outcome = self.0.invoke(&found.function, call).await?;
        let response = match outcome.error {
            None => of_payload(&outcome.payload, &request_id),
            Some(_) => bad_gateway(&request_id),
        };
        Ok(response.map(Into::into))
    }
}

fn reply(status: u16, body: &Value, request_id: &str) -> FrontResponse {
    response::reply(status, body, request_id).map(Into::into)
}

fn forbidden() -> FrontResponse {
    reply(403, &json!({"Message": "Forbidden"}), "")
}

fn refusal(fault: &Fault) -> FrontResponse {
    if fault.http_status() >= 500 {
        tracing::error!(%fault, "a function URL failed");
        return reply(500, &json!({"Message": "Internal Server Error"}), "");
    }
    reply(fault.http_status(), &json!({"Message": fault.message()}), "")
}
