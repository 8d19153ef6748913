use crate::{
    authenticate::{Signer, unsigned_body},
    body::Received,
    execute::Request,
    meters::Meters,
    signing_keys::SigningKeys,
};
use bytes::Bytes;
use clock::Ids;
use futures_util::FutureExt;
use http::{Response, request::Parts};
use service::{
    AnyOperation, Body, BodyStream, Context, CrossOrigin, Definition, Fault, Front, Identities,
    Platform, Rendered,
};
use sigv4::{Dialect, Presented, TextSignature};
use std::{
    collections::HashMap,
    net::IpAddr,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
};
use tokio::time::Instant;
use types::RequestId;
use wire::{Endpoint, ModelError, Registry, Surface, encode_fault};

/// The services do not fit together.
#[derive(Debug)]
pub enum SetupError {
    /// A service's model cannot be read.
    Model(ModelError),
    /// An operation is registered that its service's model does not have.
    UnknownOperation {
        /// The service.
        service: &'static str,
        /// The operation.
        operation: &'static str,
    },
}

impl std::fmt::Display for SetupError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Model(error) => error.fmt(f),
            Self::UnknownOperation { service, operation } => write!(
                f,
                "the model of {service} has no operation {operation}: run `cargo xtask models`"
            ),
        }
    }
}

impl std::error::Error for SetupError {}

/// Answers requests with the operations of its services.
pub struct Dispatcher {
    pub(crate) registry: Registry,
    pub(crate) operations: HashMap<(&'static str, &'static str), Arc<dyn AnyOperation>>,
    pub(crate) fronts: Vec<Arc<dyn Front>>,
    pub(crate) cross_origins: HashMap<&'static str, Arc<dyn CrossOrigin>>,
    pub(crate) global_services: Vec<&'static str>,
    pub(crate) identities: Arc<dyn Identities>,
    pub(crate) platform: Arc<Platform>,
    pub(crate) ids: Ids,
    pub(crate) signing_keys: SigningKeys,
    pub(crate) meters: Meters,
}

impl Dispatcher {
    /// A dispatcher for these services.
    ///
    /// # Errors
    /// The services do not fit their models.
    pub fn new(
        definitions: &[Definition],
        identities: Arc<dyn Identities>,
        platform: Arc<Platform>,
        ids: Ids,
    ) -> Result<Self, SetupError> {
        let registry = Registry::new(definitions, platform.public_url.authority())
            .map_err(SetupError::Model)?;
        let mut operations = HashMap::new();
        for definition in definitions {
            for operation in &definition.operations {
                let (service, name) = (definition.name, operation.name());
                if registry.call(service, name).is_none() {
                    return Err(SetupError::UnknownOperation { service, operation: name });
                }
                operations.insert((service, name), operation.clone());
            }
        }
        Ok(Self {
            registry,
            operations,
            fronts: definitions.iter().flat_map(|d| d.fronts.iter().cloned()).collect(),
            cross_origins: definitions
                .iter()
                .filter_map(|d| Some((d.name, d.cross_origin.clone()?)))
                .collect(),
            global_services: definitions.iter().filter(|d| d.global).map(|d| d.name).collect(),
            identities,
            meters: Meters::new(&platform.metrics),
            platform,
            ids,
            signing_keys: SigningKeys::default(),
        })
    }

    /// True if the body of this request is read by its operation while it comes, and need not be
    /// in memory before [`Dispatcher::handle`].
    #[must_use]
    pub fn streams(&self, parts: &Parts) -> bool {
        if !self.registry.may_stream(&parts.method)
            || parts.headers.contains_key("x-amz-target")
            || self.front_for(parts).is_some()
        {
            return false;
        }
        let presented = Presented::parse(parts);
        self.registry.surface(parts, &Bytes::new(), signed_for(&presented)).streams()
    }

    /// Answers one request. `peer` is where it came from. A panic ends this request only.
    ///
    /// A body that is a stream is for operations for which [`Dispatcher::streams`] says so.
    pub async fn handle(
        &self,
        parts: Parts,
        body: impl Into<Body>,
        peer: IpAddr,
    ) -> Response<Body> {
        let began = Instant::now();
        let seed = self.ids.bytes();
        let (body, stream) = match body.into() {
            Body::Whole(bytes) => (bytes, None),
            Body::Stream(stream) => (Bytes::new(), Some(stream)),
        };
        if let Some(front) = self.front_for(&parts) {
            let response = self.answer_front(front, parts, body, peer).await;
            self.meters.answered_front(front.signing_name(), response.status(), began);
            return response;
        }
        let presented = Presented::parse(&parts);
        let surface = self.registry.surface(&parts, &body, signed_for(&presented));
        let (body, stream) = match stream {
            None if surface.streams() => (Bytes::new(), Some(BodyStream::whole(body))),
            stream => (body, stream),
        };
        let stream = Mutex::new(stream);
        let (peer, is_part) = (Some(peer), false);
        let request = Request { parts: &parts, body: &body, stream, is_part, peer, seed };
        let answer = AssertUnwindSafe(self.answer(&surface, &request, &presented));
        let (request_id, result) = match answer.catch_unwind().await {
            Ok(answered) => answered,
            Err(_) => {
                self.meters.panicked();
                (RequestId::from_random(self.ids.bytes()), Err(Fault::internal("a panic")))
            }
        };
        let mut response = result.unwrap_or_else(|fault| {
            log_fault(&fault, &request_id, surface.service_name());
            encode_fault(&surface, &fault, &request_id).map(Body::Whole)
        });
        self.tell_page(&surface, &parts, response.headers_mut()).await;
        self.meters.answered(&surface, response.status(), began);
        response
    }

    /// Answers a request that cannot be read to its end with a fault, in the words of its protocol.
    #[must_use]
    pub fn refuse(&self, parts: &Parts, fault: &Fault) -> Response<Bytes> {
        let request_id = Context::request_id_of(self.ids.bytes());
        let presented = Presented::parse(parts);
        let surface = self.registry.surface(parts, &Bytes::new(), signed_for(&presented));
        log_fault(fault, &request_id, surface.service_name());
        encode_fault(&surface, fault, &request_id)
    }

    async fn answer(
        &self,
        surface: &Surface<'_>,
        request: &Request<'_>,
        presented: &Result<Option<Presented>, sigv4::Error>,
    ) -> (RequestId, Result<Response<Body>, Fault>) {
        let request_id = Context::request_id_of(request.seed);
        (request_id, self.try_answer(surface, request, presented, &request_id).await)
    }

    async fn try_answer(
        &self,
        surface: &Surface<'_>,
        request: &Request<'_>,
        presented: &Result<Option<Presented>, sigv4::Error>,
        request_id: &RequestId,
    ) -> Result<Response<Body>, Fault> {
        if let Some(response) = self.preflight(surface, request, request_id).await? {
            return Ok(response);
        }
        let dialect = crate::authenticate::dialect(surface.protocol());
        let presented = presented
            .as_ref()
            .map_err(|error| crate::authenticate::fault(error, dialect))?
            .as_ref();
        let endpoint = surface.endpoint()?;
        let operation = self.operation(&endpoint)?;
        self.check_scope(presented, &endpoint, dialect)?;
        if endpoint.is_form() {
            return self.answer_form(surface, &endpoint, request, presented, request_id).await;
        }
        let signer = match self.query_signer(surface, &endpoint, request, dialect)? {
            Some(_) if presented.is_some() => {
                return Err(crate::authenticate::fault(&sigv4::Error::TwoMechanisms, dialect));
            }
            Some(signer) => signer,
            None => self.signer(request, presented, dialect)?,
        };
        let decode = |Received { bytes, trailers, .. }: &Received| {
            surface.decode(&endpoint, request.parts, bytes, trailers)
        };
        let output = self.execute(operation.as_ref(), request, &signer, decode).await?;
        reply(&endpoint, output, request_id).await
    }

    /// Who signed the query in version 2, where that is still taken.
    fn query_signer(
        &self,
        surface: &Surface<'_>,
        endpoint: &Endpoint<'_>,
        request: &Request<'_>,
        dialect: Dialect,
    ) -> Result<Option<Signer<'_>>, Fault> {
        if dialect != Dialect::S3 {
            return Ok(None);
        }
        let signature = TextSignature::of_query(request.parts, surface.bucket_of_host());
        let signature = signature.map_err(|error| crate::authenticate::fault(&error, dialect))?;
        let Some(signature) = signature else { return Ok(None) };
        let body = unsigned_body(request.parts)?;
        Ok(Some(self.text_signer(signature, endpoint.service(), request.peer, body)))
    }

    pub(crate) fn operation<'d>(
        &'d self,
        endpoint: &Endpoint<'d>,
    ) -> Result<&'d Arc<dyn AnyOperation>, Fault> {
        let (service, name) = (endpoint.service(), endpoint.operation());
        self.operations
            .get(&(service, name))
            .ok_or_else(|| Fault::unsupported(format_args!("operation {name} of {service}")))
    }
}

/// The reply with an output, whose body may go on.
pub(crate) async fn reply(
    endpoint: &Endpoint<'_>,
    mut output: Rendered,
    request_id: &RequestId,
) -> Result<Response<Body>, Fault> {
    let response = endpoint.encode(output.as_ref(), request_id)?;
    let response = match output.take_events() {
        Some(events) => endpoint.with_events(response, events),
        None => match output.into_stream() {
            Some(stream) => response.map(|_| stream),
            None => return Ok(response.map(Body::Whole)),
        },
    };
    let (head, stream) = response.into_parts();
    Ok(Response::from_parts(head, Body::Stream(stream.primed().await?)))
}

/// The service that a request is signed for.
fn signed_for(presented: &Result<Option<Presented>, sigv4::Error>) -> Option<&str> {
    presented.as_ref().ok()?.as_ref().map(Presented::service)
}

fn log_fault(fault: &Fault, request_id: &RequestId, service: Option<&str>) {
    if fault.http_status() >= 500 {
        tracing::error!(%request_id, service, %fault, "request failed");
    } else {
        tracing::debug!(%request_id, service, %fault, "request refused");
    }
}
