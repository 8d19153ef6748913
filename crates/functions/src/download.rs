//! The package of a function, for who was told its place: `Code.Location` of GetFunction.
//!
//! `GET /_pileus/package/<token>`, where the token is the package and the end of its time, sealed
//! under a key that follows from the master key. Nobody else can make one, and it says nothing. Like
//! a presigned URL it is for whoever has it, for ten minutes.

use crate::{
    Functions,
    code::{Code, CodeId, blob_fault},
    config, keys,
};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderValue, Method, Response, StatusCode, header};
use serde::{Deserialize, Serialize};
use service::{Fault, Front, FrontRequest, FrontResponse, NONCE_BYTES, Sealer};
use std::sync::Arc;
use types::Timestamp;

/// Makes the key one of this use only.
const PURPOSE: &[u8] = b"pileus functions download 1";

/// Seals and opens tokens.
pub(crate) struct Tickets(Sealer);

#[derive(Serialize, Deserialize)]
struct Ticket {
    code: CodeId,
    until: Timestamp,
}

impl Tickets {
    pub(crate) fn new(master_key: &[u8; 32]) -> Self {
        Self(Sealer::derive(master_key, PURPOSE))
    }

    fn seal(&self, ticket: &Ticket, nonce: [u8; NONCE_BYTES]) -> Result<String, Fault> {
        let plain =
            serde_json::to_vec(ticket).map_err(|error| Fault::internal(error.to_string()))?;
        let sealed = self.0.seal(nonce, b"", &plain);
        Ok(hex::encode([&nonce[..], &sealed].concat()))
    }

    fn open(&self, token: &str) -> Option<Ticket> {
        let bytes = hex::decode(token).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        serde_json::from_slice(&self.0.open(*nonce, b"", sealed)?).ok()
    }
}

impl Functions {
    /// Where the package can be had from `now` on, for as long as on Lambda. `nonce` is used once.
    pub(crate) fn download_url(
        &self,
        code: &CodeId,
        now: Timestamp,
        nonce: [u8; NONCE_BYTES],
    ) -> Result<String, Fault> {
        let until = now + config::DOWNLOAD_TIME;
        let token = self.tickets.seal(&Ticket { code: code.clone(), until }, nonce)?;
        Ok(format!("{}{}{token}", self.platform.public_url, config::DOWNLOAD_PATH))
    }

    async fn package(&self, id: &CodeId) -> Result<Bytes, Fault> {
        let key = keys::code(&self.platform.account, &self.platform.region, id.as_str());
        let code: Option<Code> = self.platform.store.begin().get_record(&key).await?;
        let missing =
            || Fault::sender("NoSuchKey", "The specified key does not exist.").status(404);
        let blob = code.ok_or_else(missing)?.blob;
        self.blobs.read(blob).await.map_err(|error| blob_fault(&error))
    }
}

/// Answers for the tokens.
pub(crate) struct Download(pub(crate) Arc<Functions>);

impl Download {
    async fn download(&self, request: &FrontRequest) -> Result<Bytes, Fault> {
        let denied = |text: &str| Fault::sender("AccessDenied", text).status(403);
        if request.parts.method != Method::GET {
            let text = "The specified method is not allowed against this resource.";
            return Err(Fault::sender("MethodNotAllowed", text).status(405));
        }
        let token = request.parts.uri.path().strip_prefix(config::DOWNLOAD_PATH);
        let ticket = token.and_then(|token| self.0.tickets.open(token));
        let ticket = ticket.ok_or_else(|| denied("Access Denied"))?;
        if self.0.platform.clock.now() > ticket.until {
            return Err(denied("Request has expired"));
        }
        self.0.package(&ticket.code).await
    }
}

impl Front for Download {
    fn signing_name(&self) -> &'static str {
        "lambda"
    }

    fn claims(&self, _host: &str, path: &str) -> bool {
        path.starts_with(config::DOWNLOAD_PATH)
    }

    fn answer(&self, request: FrontRequest) -> BoxFuture<'_, FrontResponse> {
        Box::pin(async move {
            match self.download(&request).await {
                Ok(zip) => reply(200, "application/zip", zip),
                Err(fault) => {
                    // As object storage says it, which is who answers there on AWS.
                    let (code, message) = (fault.code(), fault.message());
                    let text = format!(
                        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                         <Error><Code>{code}</Code><Message>{message}</Message></Error>"
                    );
                    reply(fault.http_status(), "application/xml", text.into())
                }
            }
        })
    }
}

fn reply(status: u16, kind: &'static str, body: Bytes) -> FrontResponse {
    let mut response = Response::new(body.into());
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
