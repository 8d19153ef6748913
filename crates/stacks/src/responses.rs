//! Where the functions of custom resources put their answers.
//!
//! `PUT /_pileus/stacks/responses/<account>/<region>/<stack>/<id>/<request>?expires=..&token=..`
//! is signed for nobody: whoever has the URL may use it, as with a presigned URL of S3. The token
//! is a message authentication code of the rest, under a key that follows from the master key; it
//! is good for this one request and until it expires. The first answer counts; a handle of a wait
//! condition takes many signals.

use crate::{
    Stacks, config,
    keys::Place,
    model::{CustomRequest, Signal},
};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use kv::Transaction;
use service::{Fault, Front, FrontRequest, FrontResponse, ResourceContext, Transact, transact};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, sync::Arc};
use types::{RequestId, Timestamp};

/// How the paths begin to which answers are put.
pub const RESPONSES_PATH: &str = "/_pileus/stacks/responses/";

/// The name under which functions reach the platform over TLS, at port 443. It is known inside of
/// sandboxes and nowhere else.
pub const RESPONSES_HOST: &str = "responses.pileus.internal";

/// The URL to which the answer to a request is put, until `deadline`.
pub(crate) fn url(stacks: &Stacks, place: &Place, request: &str, deadline: Timestamp) -> String {
    url_below(stacks.platform.public_url.as_str(), stacks, place, request, deadline)
}

/// The same for a function that can use [`RESPONSES_HOST`].
pub(crate) fn url_over_tls(
    stacks: &Stacks,
    place: &Place,
    request: &str,
    deadline: Timestamp,
) -> String {
    url_below(&format!("https://{RESPONSES_HOST}"), stacks, place, request, deadline)
}

fn url_below(
    base: &str,
    stacks: &Stacks,
    place: &Place,
    request: &str,
    deadline: Timestamp,
) -> String {
    let path = path(place, request);
    let token = stacks.vault.token(&signed(&path, deadline.as_secs()));
    format!("{base}{path}?expires={}&token={token}", deadline.as_secs())
}

/// The id of what a step asks for: the same whenever the step runs.
pub(crate) fn request_id(cx: &ResourceContext, what: &str, physical_id: &str) -> String {
    let mut hash = Sha256::new();
    let step = cx.step.id();
    for part in [&cx.stack_id, step.as_str(), &cx.logical_id, what, physical_id] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    RequestId::from_random(bytes).to_string()
}

/// The request of a stack that a URL of this platform is about.
pub(crate) fn request_of(stacks: &Stacks, place: &Place, url: &str) -> Option<String> {
    let path = url.strip_prefix(stacks.platform.public_url.as_str())?.split('?').next()?;
    parse(path).filter(|(of, _)| of == place).map(|(_, id)| id.to_owned())
}

fn path(place: &Place, request: &str) -> String {
    let Place { account, region, name, id } = place;
    format!("{RESPONSES_PATH}{account}/{region}/{name}/{id}/{request}")
}

/// What the token vouches for.
fn signed(path: &str, expires: u64) -> String {
    format!("PUT {path} {expires}")
}

/// Takes the answers.
pub(crate) struct Responses(pub(crate) Arc<Stacks>);

impl Front for Responses {
    fn signing_name(&self) -> &'static str {
        "cloudformation"
    }

    fn claims(&self, _host: &str, path: &str) -> bool {
        path.starts_with(RESPONSES_PATH)
    }

    fn answer(&self, request: FrontRequest) -> BoxFuture<'_, FrontResponse> {
        Box::pin(async move {
            let (status, text) = match self.take(&request).await {
                Ok(()) => (200, String::new()),
                Err(fault) => (fault.http_status(), fault.message().to_owned()),
            };
            let mut response = FrontResponse::new(Bytes::from(text).into());
            *response.status_mut() = status.try_into().unwrap_or_default();
            response
        })
    }
}

impl Responses {
    async fn take(&self, request: &FrontRequest) -> Result<(), Fault> {
        let stacks = &self.0;
        if request.parts.method.as_str() != "PUT" {
            return Err(Fault::sender("MethodNotAllowed", "Answers are PUT.").status(405));
        }
        let denied = |text: &str| Fault::sender("AccessDenied", text).status(403);
        let (path, query) = (request.parts.uri.path(), request.parts.uri.query());
        let member = |name: &str| {
            query.unwrap_or_default().split('&').find_map(|one| one.strip_prefix(name))
        };
        let expires = member("expires=").and_then(|text| text.parse::<u64>().ok());
        let (Some(expires), Some(token)) = (expires, member("token=")) else {
            return Err(denied("The URL is incomplete."));
        };
        if !stacks.vault.vouches(&signed(path, expires), token) {
            return Err(denied("The token is not that of this URL."));
        }
        if stacks.platform.clock.now().as_secs() > expires {
            return Err(denied("Request has expired"));
        }
        let (place, id) = parse(path).ok_or_else(|| denied("The URL is incomplete."))?;
        let body = &request.body[..request.body.len().min(config::RESPONSE_BYTES + 1)];
        // What is longer is kept up to the byte that makes it too long.
        let text = String::from_utf8_lossy(body).into_owned();
        let keep = Keep { stacks, place: &place, id, text: &text };
        transact(&stacks.platform.store, &keep).await
    }
}

/// The request in a path whose token is good.
fn parse(path: &str) -> Option<(Place, &str)> {
    let mut parts = path.strip_prefix(RESPONSES_PATH)?.split('/');
    let place = Place {
        account: parts.next()?.parse().ok()?,
        region: parts.next()?.parse().ok()?,
        name: parts.next()?.to_owned(),
        id: parts.next()?.to_owned(),
    };
    let id = parts.next()?;
    parts.next().is_none().then_some((place, id))
}

struct Keep<'a> {
    stacks: &'a Stacks,
    place: &'a Place,
    id: &'a str,
    text: &'a str,
}

impl Transact for Keep<'_> {
    type Output = ();

    async fn run(&self, tx: &mut Transaction) -> Result<(), Fault> {
        let (key, tx) = (self.place.request(self.id), &mut self.stacks.open(tx));
        let over = || Fault::sender("NoSuchRequest", "Nobody waits for this answer.").status(404);
        let mut request: CustomRequest = tx.get_record(&key).await?.ok_or_else(over)?;
        if let Some(signals) = &mut request.signals {
            add(signals, self.text)?;
            return Ok(tx.put_record(key, &request)?);
        }
        match request.response.as_deref() {
            Some(before) if before == self.text => Ok(()),
            Some(_) => {
                let text = "Another answer was given before.";
                Err(Fault::sender("RequestAnswered", text).status(409))
            }
            None => {
                request.response = Some(self.text.to_owned());
                Ok(tx.put_record(key, &request)?)
            }
        }
    }
}

/// Adds a signal to those of a handle; each unique id counts once, with its first signal.
fn add(signals: &mut BTreeMap<String, Signal>, text: &str) -> Result<(), Fault> {
    let wrong = |text: &str| Fault::sender("ValidationError", text);
    if text.len() > config::RESPONSE_BYTES {
        return Err(wrong("The signal is too long."));
    }
    let (id, signal) = Signal::parse(text).ok_or_else(|| {
        wrong("A signal is a JSON object with Status (SUCCESS or FAILURE), UniqueId, Data and Reason.")
    })?;
    if signals.len() == config::WAIT_SIGNALS && !signals.contains_key(&id) {
        return Err(wrong("There are too many signals."));
    }
    signals.entry(id).or_insert(signal);
    Ok(())
}
