//! REST-XML: members in the path or the host name, in the query, in headers, and in a body that is
//! an XML document, a text, or bytes.

use crate::{
    address::Address,
    model::{Model, OperationModel, Payload},
    query::scalar,
    rest_json::{Encoded, query_pairs},
    shape::{Location, Shape, ShapeRef, ShapeType, TimestampFormat},
    xml::Xml,
    xml_read,
    xml_route::{XmlRoute, XmlRoutes, in_query},
};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
    request::Parts,
};
use serde_json::{Map, Value};
use service::{Addressed, Fault, Output};
use std::collections::BTreeMap;
use types::{RequestId, Timestamp};

/// Who answered, for S3's errors and the header `x-amz-id-2`.
pub(crate) const HOST_ID: &str = "pileus";

/// The type of forms that bring files.
const FORM: &[u8] = b"multipart/form-data";

/// A request to a REST-XML service.
pub(crate) struct XmlCall<'r> {
    pub(crate) method: Method,
    /// `None` if the path is not readable.
    address: Option<Address>,
    query: Vec<(String, String)>,
    pub(crate) route: Option<&'r XmlRoute>,
    /// Whether the body is a form with several parts.
    is_form: bool,
}

impl<'r> XmlCall<'r> {
    pub(crate) fn new(parts: &Parts, address: Option<Address>, routes: &'r XmlRoutes) -> Self {
        let query = query_pairs(parts.uri.query().unwrap_or_default());
        let route = address.as_ref().and_then(|address| {
            routes.find(parts.method.as_str(), address, &query, &parts.headers)
        });
        let content_type = parts.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
        let is_form = content_type.is_some_and(|kind| kind.starts_with(FORM));
        Self { method: parts.method.clone(), address, query, route, is_form }
    }

    /// Whether the body of the request is read while it comes: the bytes of an object, or a form
    /// that brings them.
    pub(crate) fn streams(&self) -> bool {
        self.route.is_some_and(|route| route.streams && (self.is_form || !route.form))
    }

    /// The bucket that the host names.
    pub(crate) fn bucket_of_host(&self) -> Option<&str> {
        let address = self.address.as_ref()?;
        address.bucket.as_deref().filter(|_| address.by_host)
    }

    /// The bucket and the key.
    pub(crate) fn addressed(&self) -> Option<Addressed<'_>> {
        let address = self.address.as_ref()?;
        Some(Addressed { resource: address.bucket.as_deref()?, item: address.key.as_deref() })
    }

    /// The operation that is asked for.
    ///
    /// # Errors
    /// The official faults of a path that is not readable and a method that does not exist there;
    /// what Pileus does not implement is refused by its name.
    pub(crate) fn operation(&self, service: &str) -> Result<&'r str, Fault> {
        if self.address.is_none() {
            return Err(Fault::sender("InvalidURI", "Couldn't parse the specified URI."));
        }
        let route = self.route.ok_or_else(|| self.not_allowed())?;
        match route.implemented {
            true => Ok(&route.operation),
            false => {
                Err(Fault::unsupported(format_args!("operation {} of {service}", route.operation)))
            }
        }
    }

    pub(crate) fn not_allowed(&self) -> Fault {
        let text = "The specified method is not allowed against this resource.";
        Fault::sender("MethodNotAllowed", text).status(405).member("Method", self.method.as_str())
    }
}

/// The members of a request. A blob payload stays outside of them: it is the body itself.
pub(crate) fn decode(
    model: &Model,
    operation: &OperationModel,
    parts: &Parts,
    call: &XmlCall<'_>,
    body: &Bytes,
) -> Result<Value, Fault> {
    let Some(shape) = model.input(operation) else { return Ok(Value::Object(Map::new())) };
    let mut members = Map::new();
    for (name, reference) in &shape.members {
        let wire_name = reference.location_name.as_deref().unwrap_or(name);
        let Some(target) = model.shape(reference) else { continue };
        let value = match reference.location {
            None | Some(Location::StatusCode) => None,
            Some(Location::Uri) => from_address(call.address.as_ref(), wire_name),
            Some(Location::Querystring) => {
                let found = call.query.iter().find(|(name, _)| name == wire_name);
                found.map(|(_, text)| simple(target, wire_name, text)).transpose()?
            }
            Some(Location::Header) => from_header(model, target, wire_name, parts, call)?,
            Some(Location::Headers) => from_headers(wire_name, parts, call)?,
        };
        if let Some(value) = value {
            members.insert(name.clone(), value);
        }
    }
    if let Some(payload) = model.payload(shape) {
        let required = shape.required.iter().any(|name| name == payload.name);
        if let Some(value) = from_body(model, payload, required, body)? {
            members.insert(payload.name.to_owned(), value);
        }
    }
    Ok(Value::Object(members))
}

/// Adds the members that are documents in the fields of a form, which have their names in lower
/// case.
///
/// # Errors
/// `MalformedXML`: a document is none of its shape.
pub(crate) fn decode_documents(
    model: &Model,
    operation: &OperationModel,
    fields: &BTreeMap<String, String>,
    members: &mut Value,
) -> Result<(), Fault> {
    for (name, reference) in model.input(operation).into_iter().flat_map(|shape| &shape.members) {
        let Some(shape) = model.shape(reference) else { continue };
        if shape.kind == ShapeType::Structure
            && let Some(text) = fields.get(&name.to_ascii_lowercase())
        {
            let payload = Payload { name, reference, shape };
            members[name] = xml_read::document(model, payload, text.as_bytes())?;
        }
    }
    Ok(())
}

fn from_address(address: Option<&Address>, label: &str) -> Option<Value> {
    let address = address?;
    let text = if label == "Bucket" { &address.bucket } else { &address.key };
    text.clone().map(Value::String)
}

fn from_body(
    model: &Model,
    payload: Payload<'_>,
    required: bool,
    body: &Bytes,
) -> Result<Option<Value>, Fault> {
    match payload.shape.kind {
        ShapeType::Blob => Ok(None),
        _ if body.is_empty() && required => {
            Err(Fault::sender("MissingRequestBodyError", "Request Body is empty"))
        }
        _ if body.is_empty() => Ok(None),
        ShapeType::String => {
            let text = std::str::from_utf8(body);
            let text = text.map_err(|_| invalid("the request body", "text in UTF-8"))?;
            Ok(Some(text.into()))
        }
        _ => xml_read::document(model, payload, body).map(Some),
    }
}

fn from_header(
    model: &Model,
    shape: &Shape,
    name: &str,
    parts: &Parts,
    call: &XmlCall<'_>,
) -> Result<Option<Value>, Fault> {
    let text = match header_text(name, &parts.headers)? {
        None => in_query(&call.query, name).map(str::to_owned),
        text => text,
    };
    let Some(mut text) = text else { return Ok(None) };
    if CONTENT_ENCODING.as_str().eq_ignore_ascii_case(name) {
        // This one is undone by the signature's chunks, and no property of the object.
        let kept: Vec<&str> =
            text.split(',').map(str::trim).filter(|coding| *coding != "aws-chunked").collect();
        if kept.is_empty() {
            return Ok(None);
        }
        text = kept.join(",");
    }
    if shape.kind == ShapeType::List {
        let element = shape.member.as_ref().and_then(|member| model.shape(member));
        let element = element.ok_or_else(|| Fault::internal("a list without elements"))?;
        let values = text.split(',').map(|part| simple(element, name, part.trim()));
        return Ok(Some(Value::Array(values.collect::<Result<_, _>>()?)));
    }
    simple(shape, name, &text).map(Some)
}

/// All values of a header, joined by commas.
fn header_text(name: &str, headers: &HeaderMap) -> Result<Option<String>, Fault> {
    let mut whole: Option<String> = None;
    for value in headers.get_all(name) {
        let text = std::str::from_utf8(value.as_bytes());
        let text = text.map_err(|_| invalid(name, "text in UTF-8"))?;
        match &mut whole {
            Some(whole) => {
                whole.push(',');
                whole.push_str(text);
            }
            None => whole = Some(text.to_owned()),
        }
    }
    Ok(whole)
}

/// The headers that begin with `prefix`, as a map of what follows it.
fn from_headers(prefix: &str, parts: &Parts, call: &XmlCall<'_>) -> Result<Option<Value>, Fault> {
    let prefix = prefix.to_ascii_lowercase();
    let mut entries = Map::new();
    for (name, text) in &call.query {
        if let Some(rest) = name.to_ascii_lowercase().strip_prefix(&prefix) {
            entries.insert(rest.to_owned(), text.as_str().into());
        }
    }
    for name in parts.headers.keys() {
        if let Some(rest) = name.as_str().strip_prefix(&prefix) {
            let text = header_text(name.as_str(), &parts.headers)?.unwrap_or_default();
            entries.insert(rest.to_owned(), Value::String(text));
        }
    }
    Ok((!entries.is_empty()).then_some(Value::Object(entries)))
}

/// A value outside of the body. A time that cannot be read stays text: some headers are only kept
/// and given back (`Expires`), and of the others the operation decides.
fn simple(shape: &Shape, name: &str, text: &str) -> Result<Value, Fault> {
    match shape.kind {
        ShapeType::String => Ok(text.into()),
        ShapeType::Timestamp => Ok(xml_read::time(text).unwrap_or_else(|| text.into())),
        ShapeType::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            _ => Err(invalid(name, "true or false")),
        },
        kind => scalar(kind, text).map_err(|_| invalid(name, "an integer within its range")),
    }
}

fn invalid(name: &str, expected: &str) -> Fault {
    Fault::sender("InvalidArgument", format!("The value of {name} is not {expected}."))
        .member("ArgumentName", name)
}

/// The reply to `operation`.
pub(crate) fn encode(
    model: &Model,
    operation: &OperationModel,
    output: &dyn Output,
) -> Result<Encoded, Fault> {
    let internal = |error: serde_json::Error| Fault::internal(error.to_string());
    let status = output.status().or(operation.http.response_code).unwrap_or(200);
    let mut encoded =
        Encoded { status, headers: HeaderMap::new(), body: Bytes::new(), json: false };
    let Some(shape) = model.output(operation) else { return Ok(encoded) };
    let Value::Object(mut members) = output.to_value().map_err(internal)? else {
        return Err(Fault::internal("an output is not a structure"));
    };
    for (name, reference) in &shape.members {
        if reference.location.is_some()
            && let Some(value) = members.remove(name)
        {
            bind(model, &mut encoded, name, reference, &value)?;
        }
    }
    let payload = model.payload(shape);
    if let Some(body) = output.body() {
        encoded.body = body;
    } else if let Some(payload) = payload {
        let value = members.remove(payload.name).unwrap_or(Value::Null);
        write_payload(model, &mut encoded, payload, &value)?;
    } else if shape.members.values().any(|member| member.location.is_none()) {
        let root = shape.location_name.as_deref();
        let reference = operation.output.as_ref().map(|output| output.shape.as_str());
        let root = root.or(reference).unwrap_or_default();
        write_document(model, &mut encoded, root, shape, &Value::Object(members))?;
    }
    Ok(encoded)
}

fn write_payload(
    model: &Model,
    encoded: &mut Encoded,
    payload: Payload<'_>,
    value: &Value,
) -> Result<(), Fault> {
    match (payload.shape.kind, value) {
        (_, Value::Null) => Ok(()),
        (ShapeType::Structure, _) => {
            let root = payload.reference.location_name.as_deref().unwrap_or(payload.name);
            write_document(model, encoded, root, payload.shape, value)
        }
        (_, Value::String(text)) => {
            encoded.body = text.clone().into();
            // The one text that is a body is a policy.
            let json = HeaderValue::from_static("application/json");
            encoded.headers.insert(CONTENT_TYPE, json);
            Ok(())
        }
        _ => Err(Fault::internal(format!("the payload {} is not of its shape", payload.name))),
    }
}

fn write_document(
    model: &Model,
    encoded: &mut Encoded,
    root: &str,
    shape: &Shape,
    value: &Value,
) -> Result<(), Fault> {
    let mut xml = Xml::new();
    let namespace = model.metadata.xml_namespace.as_ref().map_or("", |n| n.uri());
    xml.open_root(root, namespace)?;
    if shape.unwrapped_xml {
        let text = value.as_object().and_then(|members| members.values().next()?.as_str());
        xml.content(text.unwrap_or_default())?;
    } else {
        xml.structure(model, shape, value)?;
    }
    xml.close(root)?;
    encoded.body = xml.finish().into();
    encoded.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    Ok(())
}

/// Writes a member to the status or to headers.
fn bind(
    model: &Model,
    encoded: &mut Encoded,
    name: &str,
    reference: &ShapeRef,
    value: &Value,
) -> Result<(), Fault> {
    let wire_name = reference.location_name.as_deref().unwrap_or(name);
    let format = model.shape(reference).and_then(|shape| shape.timestamp_format);
    let is_time = model.shape(reference).is_some_and(|shape| shape.kind == ShapeType::Timestamp);
    match (reference.location, value) {
        (_, Value::Null) => Ok(()),
        (Some(Location::StatusCode), value) => {
            encoded.status = value.as_u64().and_then(|n| u16::try_from(n).ok()).unwrap_or(200);
            Ok(())
        }
        (Some(Location::Headers), Value::Object(entries)) => {
            entries.iter().try_for_each(|(key, value)| {
                let text = value.as_str().unwrap_or_default();
                set_header(encoded, &format!("{wire_name}{key}"), text)
            })
        }
        (_, Value::String(text)) => set_header(encoded, wire_name, text),
        (_, Value::Number(number)) if is_time => {
            let millis = number.as_f64().unwrap_or_default() * 1000.0;
            let at = Timestamp::from_millis(millis.round() as u64);
            let iso = format == Some(TimestampFormat::Iso8601);
            let text = if iso { at.to_iso8601() } else { at.to_http_date() };
            set_header(encoded, wire_name, &text)
        }
        (_, other) => set_header(encoded, wire_name, &other.to_string()),
    }
}

fn set_header(encoded: &mut Encoded, name: &str, text: &str) -> Result<(), Fault> {
    let invalid = || Fault::internal(format!("the header {name} cannot be written"));
    let value = HeaderValue::from_bytes(text.as_bytes()).map_err(|_| invalid())?;
    encoded.headers.insert(HeaderName::try_from(name).map_err(|_| invalid())?, value);
    Ok(())
}

/// The headers by which S3's replies are told apart.
pub(crate) fn add_s3_ids(headers: &mut HeaderMap, request_id: &RequestId) {
    headers.remove("x-amzn-requestid");
    if let Ok(value) = HeaderValue::try_from(request_id.to_string()) {
        headers.insert("x-amz-request-id", value);
    }
    headers.insert("x-amz-id-2", HeaderValue::from_static(HOST_ID));
}
