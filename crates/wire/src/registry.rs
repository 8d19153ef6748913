//! From a request to its service, operation and protocol, and back.

use crate::{
    address::Address,
    event_stream,
    form::Form,
    json,
    model::{Model, ModelError, OperationModel},
    query, rest_json,
    rest_route::{Labels, Routes},
    rest_xml::{self, XmlCall},
    shape::{Location, Shape},
    tree,
    xml_route::XmlRoutes,
};
use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header, request::Parts};
use serde_json::Value;
use service::{
    Addressed, BodyStream, CheckDigests, Definition, Document, EventStream, Fault, Output,
    Trailers, Violation,
};
use std::{borrow::Cow, collections::BTreeMap};
use types::RequestId;

/// The protocols that Pileus speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// JSON 1.0 and 1.1: the operation is named by a header.
    Json,
    /// Form parameters in, XML out.
    Query,
    /// Paths, headers and JSON bodies.
    RestJson,
    /// Paths, host names, headers, and bodies that are XML or bytes.
    RestXml,
}

/// All services, as the protocols see them.
pub struct Registry {
    entries: Vec<Entry>,
    /// The authority of the platform's own URL.
    public_host: String,
}

struct Entry {
    name: &'static str,
    model: Model,
    routes: Routes,
    xml_routes: XmlRoutes,
    violations: fn(&[Violation]) -> Fault,
    digests: Option<CheckDigests>,
    path_member: Option<&'static str>,
}

impl Registry {
    /// Reads the models of all services. `public_host` is the authority of the platform's own URL:
    /// a host name that ends with it may begin with the name of a bucket.
    ///
    /// # Errors
    /// A model cannot be read.
    pub fn new(definitions: &[Definition], public_host: &str) -> Result<Self, ModelError> {
        let entry = |definition: &Definition| -> Result<Entry, ModelError> {
            let model = Model::parse(definition.model)?;
            Ok(Entry {
                name: definition.name,
                routes: Routes::new(&model),
                xml_routes: XmlRoutes::new(&model),
                model,
                violations: definition.violations,
                digests: definition.digests,
                path_member: definition.path_member,
            })
        };
        let entries = definitions.iter().map(entry).collect::<Result<_, _>>()?;
        Ok(Self { entries, public_host: public_host.to_owned() })
    }

    /// Which service and protocol a request means. `signed_for` is the service in its signature.
    #[must_use]
    pub fn surface<'r>(
        &'r self,
        parts: &Parts,
        body: &Bytes,
        signed_for: Option<&str>,
    ) -> Surface<'r> {
        if let Some(target) = parts.headers.get("x-amz-target").and_then(|v| v.to_str().ok()) {
            let (prefix, operation) = target.rsplit_once('.').unwrap_or((target, ""));
            let entry = self
                .entries
                .iter()
                .find(|entry| entry.model.metadata.target_prefix.as_deref() == Some(prefix));
            return Surface { entry, call: Call::Json(operation.to_owned()) };
        }
        if let Some(entry) = self.xml_entry(|entry| signed_for == Some(entry.name)) {
            return self.xml_surface(entry, parts);
        }
        if let Some(form) = form(parts, body) {
            let version = form.text("Version");
            let signed = self.entries.iter().find(|e| Some(e.name) == signed_for);
            let entry = signed.or_else(|| {
                self.entries.iter().find(|e| Some(e.model.metadata.api_version.as_str()) == version)
            });
            return Surface { entry, call: Call::Query(form) };
        }
        let rest = || self.entries.iter().filter(|e| e.model.metadata.protocol == "rest-json");
        let whole = parts.uri.path_and_query();
        let path = whole.map_or(parts.uri.path(), |whole| whole.as_str());
        let method = parts.method.as_str();
        let routed = rest()
            .filter(|entry| signed_for.is_none_or(|name| name == entry.name))
            .find(|entry| entry.routes.find(method, path).is_some());
        let entry = routed.or_else(|| rest().find(|entry| Some(entry.name) == signed_for));
        // Whoever does not sign and means no other service asks for something public of S3.
        match self.xml_entry(|_| entry.is_none() && signed_for.is_none()) {
            Some(entry) => self.xml_surface(entry, parts),
            None => Surface { entry, call: Call::Rest(parts.method.clone(), path.to_owned()) },
        }
    }

    /// The REST-XML service for which `is_it`.
    fn xml_entry(&self, is_it: impl Fn(&Entry) -> bool) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|entry| entry.model.metadata.protocol == "rest-xml" && is_it(entry))
    }

    fn xml_surface<'r>(&self, entry: &'r Entry, parts: &Parts) -> Surface<'r> {
        let host = parts.headers.get(header::HOST).and_then(|value| value.to_str().ok());
        let host = host.or_else(|| parts.uri.host()).unwrap_or_default();
        let address = Address::parse(host, parts.uri.path(), &self.public_host);
        let call = XmlCall::new(parts, address, &entry.xml_routes);
        Surface { entry: Some(entry), call: Call::Xml(call) }
    }

    /// True if some request of this method has a body that its operation reads while it comes.
    #[must_use]
    pub fn may_stream(&self, method: &Method) -> bool {
        self.entries.iter().any(|entry| entry.xml_routes.stream(method))
    }

    /// The operation of a call between services; its members come as they are.
    #[must_use]
    pub fn call(&self, service: &str, operation: &str) -> Option<Endpoint<'_>> {
        let entry = self.entries.iter().find(|entry| entry.name == service)?;
        let operation = entry.model.operations.get(operation)?;
        Some(Endpoint { entry, operation, protocol: Protocol::Json })
    }
}

/// The parameters of a Query request.
fn form(parts: &Parts, body: &Bytes) -> Option<Form> {
    let is_form = parts
        .headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    let text: Cow<'_, str> = match parts.method {
        Method::POST if is_form => Cow::Borrowed(std::str::from_utf8(body).ok()?),
        Method::GET => Cow::Borrowed(parts.uri.query()?),
        _ => return None,
    };
    Form::parse(&text).filter(|form| form.child("Action").is_some())
}

/// A request whose service and protocol are known, though perhaps not its operation.
pub struct Surface<'r> {
    entry: Option<&'r Entry>,
    call: Call<'r>,
}

enum Call<'r> {
    Json(String),
    Query(Form),
    /// Method, and path with query.
    Rest(Method, String),
    Xml(XmlCall<'r>),
}

/// The members of a request, and its body where that is no member.
#[derive(Debug)]
pub struct Decoded {
    /// The members.
    pub members: Value,
    /// The payload that is the body itself; empty for other operations.
    pub body: Bytes,
}

impl<'r> Surface<'r> {
    /// The protocol.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        match self.call {
            Call::Json(_) => Protocol::Json,
            Call::Query(_) => Protocol::Query,
            Call::Rest(..) => Protocol::RestJson,
            Call::Xml(_) => Protocol::RestXml,
        }
    }

    /// True if the reply can have no body, because only its head is asked for.
    pub(crate) fn is_head(&self) -> bool {
        matches!(&self.call, Call::Xml(call) if call.method == Method::HEAD)
    }

    /// An answer without a body, with the headers by which the service's answers are told apart.
    #[must_use]
    pub fn empty(&self, request_id: &RequestId) -> Response<()> {
        let mut response = reply(200, "", Bytes::new(), request_id);
        if self.protocol() == Protocol::RestXml {
            rest_xml::add_s3_ids(response.headers_mut(), request_id);
        }
        response.map(drop)
    }

    /// True if the body of the request is bytes that the operation reads while they come.
    #[must_use]
    pub fn streams(&self) -> bool {
        matches!(&self.call, Call::Xml(call) if call.streams())
    }

    /// What the request is about, where the protocol names resources in the address.
    #[must_use]
    pub fn addressed(&self) -> Option<Addressed<'_>> {
        match &self.call {
            Call::Xml(call) => call.addressed(),
            _ => None,
        }
    }

    /// The bucket that the host names, in front of the path.
    #[must_use]
    pub fn bucket_of_host(&self) -> Option<&str> {
        match &self.call {
            Call::Xml(call) => call.bucket_of_host(),
            _ => None,
        }
    }

    /// The members of a request that is a form: its fields under `Fields`, by their names in lower
    /// case, the name of its file under `FileName`, and the fields that are documents as members.
    ///
    /// # Errors
    /// As [`Surface::decode`].
    pub fn decode_form(
        &self,
        endpoint: &Endpoint<'_>,
        parts: &Parts,
        fields: &BTreeMap<String, String>,
        file_name: Option<&str>,
    ) -> Result<Decoded, Fault> {
        let Call::Xml(call) = &self.call else { return Err(self.unknown_operation()) };
        let (model, none) = (&endpoint.entry.model, Bytes::new());
        let mut members = rest_xml::decode(model, endpoint.operation, parts, call, &none)?;
        members["Fields"] =
            fields.iter().map(|(name, text)| (name.clone(), text.clone())).collect();
        if let Some(name) = file_name {
            members["FileName"] = name.into();
        }
        rest_xml::decode_documents(model, endpoint.operation, fields, &mut members)?;
        Ok(Decoded { members: endpoint.check(members)?, body: none })
    }

    /// The service, if there is one.
    #[must_use]
    pub fn service_name(&self) -> Option<&'static str> {
        self.entry.map(|entry| entry.name)
    }

    /// The operation.
    ///
    /// # Errors
    /// There is no such operation: it is refused by its name.
    pub fn endpoint(&self) -> Result<Endpoint<'r>, Fault> {
        let unknown = || self.unknown_operation();
        let entry = self.entry.ok_or_else(unknown)?;
        let name = match &self.call {
            Call::Json(name) => name,
            Call::Query(form) => form.text("Action").unwrap_or_default(),
            Call::Rest(method, path) => {
                entry.routes.find(method.as_str(), path).ok_or_else(unknown)?.0
            }
            Call::Xml(call) => call.operation(entry.name)?,
        };
        let operation = entry.model.operations.get(name).ok_or_else(unknown)?;
        Ok(Endpoint { entry, operation, protocol: self.protocol() })
    }

    fn unknown_operation(&self) -> Fault {
        let service = self.service_name().unwrap_or("any service");
        match &self.call {
            Call::Json(name) => Fault::sender(
                "UnknownOperationException",
                format!("Pileus does not support the operation {name:?} of {service}."),
            ),
            Call::Query(form) => Fault::sender(
                "InvalidAction",
                format!(
                    "Pileus does not support the action {} of {service} (version {}).",
                    form.text("Action").unwrap_or_default(),
                    form.text("Version").unwrap_or("not given"),
                ),
            ),
            Call::Rest(method, path) => Fault::sender(
                "UnknownOperationException",
                format!(
                    "Pileus does not support {method} {} of {service}.",
                    path.split('?').next().unwrap_or_default()
                ),
            )
            .status(404),
            Call::Xml(call) => call.not_allowed(),
        }
    }

    /// Decodes the members and checks them against the model. `trailers` are the headers that
    /// followed the body.
    ///
    /// # Errors
    /// The official faults for input that is malformed or breaks a constraint, or for a document
    /// that is not what its digests say.
    pub fn decode(
        &self,
        endpoint: &Endpoint<'_>,
        parts: &Parts,
        body: &Bytes,
        trailers: &Trailers,
    ) -> Result<Decoded, Fault> {
        let Endpoint { entry, operation, .. } = endpoint;
        if let Some(check) = entry.digests
            && endpoint.has_raw_payload()
            && !self.streams()
        {
            let (operation, headers) = (endpoint.operation(), &parts.headers);
            check(&Document { operation, headers, trailers, bytes: body })?;
        }
        let members = match &self.call {
            Call::Json(_) => json::decode(body)?,
            Call::Query(form) => {
                let mut members = query::decode(&entry.model, operation, form)?;
                endpoint.add_path_member(&mut members, parts);
                members
            }
            Call::Rest(method, path) => {
                let found = entry.routes.find(method.as_str(), path);
                let labels = found.map_or_else(Labels::new, |(_, labels)| labels);
                rest_json::decode(&entry.model, operation, parts, labels, body)?
            }
            Call::Xml(call) => rest_xml::decode(&entry.model, operation, parts, call, body)?,
        };
        let members = endpoint.check(members)?;
        let body = if endpoint.has_raw_payload() { body.clone() } else { Bytes::new() };
        Ok(Decoded { members, body })
    }

    pub(crate) fn content_type(&self) -> &'static str {
        let version = self.entry.and_then(|e| e.model.metadata.json_version.as_deref());
        json_content_type(version)
    }

    pub(crate) fn namespace(&self) -> &str {
        let namespace = self.entry.and_then(|e| e.model.metadata.xml_namespace.as_ref());
        namespace.map_or("", |namespace| namespace.uri())
    }

    /// The Query code of an error shape, where JSON clients or Query clients are to see it.
    pub(crate) fn query_code(&self, shape: &str) -> Option<String> {
        let entry = self.entry?;
        let compatible = entry.model.metadata.aws_query_compatible.is_some();
        if self.protocol() == Protocol::Json && !compatible {
            return None;
        }
        let code = self.error_shape(shape).and_then(|s| s.error.as_ref()?.code.clone());
        Some(code.unwrap_or_else(|| shape.to_owned()))
    }

    pub(crate) fn query_status(&self, shape: &str) -> Option<u16> {
        self.error_shape(shape)?.error.as_ref()?.http_status_code
    }

    /// How the error shape calls its message: `message` or `Message`.
    pub(crate) fn message_member(&self, shape: &str) -> Option<&'static str> {
        let members = &self.error_shape(shape)?.members;
        if members.contains_key("Message") { Some("Message") } else { None }
    }

    fn error_shape(&self, shape: &str) -> Option<&'r Shape> {
        let shapes = &self.entry?.model.shapes;
        // A fault may go by its Query code (`NoSuchEntity`) instead of its shape.
        shapes.get(shape).filter(|s| s.error.is_some() || s.members.len() <= 8).or_else(|| {
            shapes.values().find(|s| {
                s.error.as_ref().is_some_and(|error| error.code.as_deref() == Some(shape))
            })
        })
    }
}

/// An operation as one protocol carries it.
#[derive(Clone, Copy)]
pub struct Endpoint<'r> {
    entry: &'r Entry,
    operation: &'r OperationModel,
    protocol: Protocol,
}

impl<'r> Endpoint<'r> {
    /// The signing name of the service.
    #[must_use]
    pub fn service(&self) -> &'static str {
        self.entry.name
    }

    /// True if its members come as a form, and its credentials with them.
    #[must_use]
    pub fn is_form(&self) -> bool {
        self.operation.form && self.protocol == Protocol::RestXml
    }

    /// The operation's name.
    #[must_use]
    pub fn operation(&self) -> &'r str {
        &self.operation.name
    }

    /// Checks members that did not come from the wire: a call between services.
    ///
    /// # Errors
    /// As [`Surface::decode`].
    pub fn check(&self, mut members: Value) -> Result<Value, Fault> {
        let Some(reference) = &self.operation.input else { return Ok(members) };
        let violations = tree::check(&self.entry.model, reference, &mut members)?;
        if violations.is_empty() { Ok(members) } else { Err((self.entry.violations)(&violations)) }
    }

    /// True if the body of a request is one raw member.
    fn has_raw_payload(&self) -> bool {
        self.entry.model.input(self.operation).is_some_and(|shape| shape.payload.is_some())
    }

    /// The path of a Query request is the queue's URL where no parameter gives it.
    fn add_path_member(&self, members: &mut Value, parts: &Parts) {
        let Some(name) = self.entry.path_member else { return };
        let known = self.entry.model.input(self.operation);
        let takes_it = known.is_some_and(|shape| shape.members.contains_key(name));
        if let Value::Object(members) = members
            && takes_it
            && parts.uri.path() != "/"
            && !members.contains_key(name)
        {
            members.insert(name.to_owned(), parts.uri.path().into());
        }
    }

    /// The reply with an operation's output.
    ///
    /// # Errors
    /// The output does not fit its model: a defect of the operation.
    pub fn encode(
        &self,
        output: &dyn Output,
        request_id: &RequestId,
    ) -> Result<Response<Bytes>, Fault> {
        let internal = |error: serde_json::Error| Fault::internal(error.to_string());
        let model = &self.entry.model;
        match self.protocol {
            Protocol::Json => {
                let body = output.to_json().map_err(internal)?;
                let content_type = json_content_type(model.metadata.json_version.as_deref());
                let body = if self.operation.output.is_some() { body.into() } else { Bytes::new() };
                Ok(reply(200, content_type, body, request_id))
            }
            Protocol::Query => {
                let members = output.to_value().map_err(internal)?;
                let body = query::encode(model, self.operation, &members, request_id)?;
                Ok(reply(200, "text/xml", body.into(), request_id))
            }
            Protocol::RestJson => {
                let encoded = rest_json::encode(model, self.operation, output)?;
                let content_type = if encoded.json || encoded.headers.is_empty() {
                    "application/json"
                } else {
                    ""
                };
                let mut response = reply(encoded.status, content_type, encoded.body, request_id);
                response.headers_mut().extend(encoded.headers);
                Ok(response)
            }
            Protocol::RestXml => {
                let encoded = rest_xml::encode(model, self.operation, output)?;
                let mut response = reply(encoded.status, "", encoded.body, request_id);
                response.headers_mut().extend(encoded.headers);
                rest_xml::add_s3_ids(response.headers_mut(), request_id);
                Ok(response)
            }
        }
    }

    /// The reply with these events, in frames; `reply` is what the other members made of it.
    #[must_use]
    pub fn with_events(
        &self,
        mut reply: Response<Bytes>,
        events: EventStream,
    ) -> Response<BodyStream> {
        reply.headers_mut().insert(header::CONTENT_TYPE, event_stream::MEDIA_TYPE);
        reply.map(|_| event_stream::body(events))
    }

    /// True if the model binds an output member to the status.
    #[must_use]
    pub fn chooses_status(&self) -> bool {
        self.entry.model.output(self.operation).is_some_and(|shape| {
            shape.members.values().any(|m| m.location == Some(Location::StatusCode))
        })
    }
}

fn json_content_type(version: Option<&str>) -> &'static str {
    if version == Some("1.1") { "application/x-amz-json-1.1" } else { "application/x-amz-json-1.0" }
}

/// A reply with the headers that every protocol has.
pub(crate) fn reply(
    status: u16,
    content_type: &'static str,
    body: Bytes,
    request_id: &RequestId,
) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if !content_type.is_empty() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    if let Ok(value) = HeaderValue::try_from(request_id.to_string()) {
        headers.insert("x-amzn-requestid", value);
    }
    response
}
