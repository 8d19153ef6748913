//! Plain HTTP that is no API call.

use crate::{
    Dispatcher,
    authenticate::{Signer, fault},
    execute::Request,
};
use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderValue, Response, StatusCode, header, request::Parts};
use service::{Body, Caller, Fault, Front, FrontRequest};
use sigv4::{Dialect, Presented};
use std::{
    net::IpAddr,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
};

impl Dispatcher {
    pub(crate) fn front_for(&self, parts: &Parts) -> Option<&Arc<dyn Front>> {
        let host = parts.headers.get(header::HOST).and_then(|value| value.to_str().ok());
        let host = host.unwrap_or_default();
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        self.fronts.iter().find(|front| front.claims(name, parts.uri.path()))
    }

    pub(crate) async fn answer_front(
        &self,
        front: &Arc<dyn Front>,
        parts: Parts,
        body: Bytes,
        peer: IpAddr,
    ) -> Response<Body> {
        let path = parts.uri.path().to_owned();
        let answer = AssertUnwindSafe(async {
            let caller = self.front_caller(front.as_ref(), &parts, &body, peer).await;
            front.answer(FrontRequest { parts, body, peer, caller }).await
        });
        answer.catch_unwind().await.unwrap_or_else(|_| {
            self.meters.panicked();
            tracing::error!(path, "a request panicked");
            let body = Bytes::from_static(br#"{"message":"Internal server error"}"#);
            let mut response = Response::new(Body::Whole(body));
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            let json = HeaderValue::from_static("application/json");
            response.headers_mut().insert(header::CONTENT_TYPE, json);
            response
        })
    }

    async fn front_caller(
        &self,
        front: &dyn Front,
        parts: &Parts,
        body: &Bytes,
        peer: IpAddr,
    ) -> Result<Option<Caller>, Fault> {
        let to_fault = |error: &sigv4::Error| fault(error, Dialect::RestJson);
        let Some(presented) = Presented::parse(parts).map_err(|error| to_fault(&error))? else {
            return Ok(None);
        };
        presented
            .check_scope(self.platform.region.as_str(), front.signing_name())
            .map_err(|error| to_fault(&error))?;
        let stream = Mutex::default();
        let (peer, seed) = (Some(peer), [0; 32]);
        let request = Request { parts, body, stream, is_part: false, peer, seed };
        let signer = self.signer(&request, Some(&presented), Dialect::RestJson)?;
        debug_assert!(matches!(signer, Signer::Signature(_)));
        let mut tx = self.platform.store.begin();
        let now = self.platform.clock.now();
        self.caller_over(&signer, &mut tx, now, false).await.map(Some)
    }
}
