//! REST-JSON: members in the path, the query, the headers and the body.

use crate::{
    json,
    model::{Model, OperationModel},
    query::scalar,
    rest_route::Labels,
    shape::{Location, Shape, ShapeRef, ShapeType},
    tree::serialization,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, request::Parts};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use service::{Fault, Output};

/// The members of a request. A blob payload stays outside of them: it is the body itself.
pub(crate) fn decode(
    model: &Model,
    operation: &OperationModel,
    parts: &Parts,
    labels: Labels,
    body: &Bytes,
) -> Result<Value, Fault> {
    let Some(shape) = model.input(operation) else { return Ok(Value::Object(Map::new())) };
    let mut members = body_members(model, shape, body)?;
    let query = query_pairs(parts.uri.query().unwrap_or_default());
    for (name, reference) in &shape.members {
        let wire_name = reference.location_name.as_deref().unwrap_or(name);
        let Some(target) = model.shape(reference) else { continue };
        let value = match reference.location {
            None | Some(Location::StatusCode | Location::Headers) => continue,
            Some(Location::Uri) => labels
                .iter()
                .find(|(label, _)| label == wire_name)
                .map(|(_, text)| scalar(target.kind, text)),
            Some(Location::Header) => header(&parts.headers, wire_name, target)?,
            Some(Location::Querystring) => from_query(model, target, wire_name, &query),
        };
        if let Some(value) = value {
            members.insert(name.clone(), value?);
        }
    }
    Ok(Value::Object(members))
}

fn body_members(model: &Model, shape: &Shape, body: &Bytes) -> Result<Map<String, Value>, Fault> {
    let Some(payload) = &shape.payload else {
        let Value::Object(mut members) = json::decode(body)? else {
            return Err(serialization("The request body is not a JSON object"));
        };
        // What is bound elsewhere cannot come in the body.
        members.retain(|name, _| shape.members.get(name).is_none_or(|m| m.location.is_none()));
        return Ok(members);
    };
    let mut members = Map::new();
    let kind = shape.members.get(payload).and_then(|m| model.shape(m)).map(|shape| shape.kind);
    if kind == Some(ShapeType::Structure) && !body.is_empty() {
        members.insert(payload.clone(), json::decode(body)?);
    }
    Ok(members)
}

fn header(
    headers: &HeaderMap,
    name: &str,
    shape: &Shape,
) -> Result<Option<Result<Value, Fault>>, Fault> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = value
        .to_str()
        .map_err(|_| serialization(&format!("The header {name} is not plain text")))?;
    Ok(Some(scalar(shape.kind, text)))
}

fn from_query(
    model: &Model,
    shape: &Shape,
    name: &str,
    pairs: &[(String, String)],
) -> Option<Result<Value, Fault>> {
    let mut values = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
    if shape.kind == ShapeType::List {
        let kind = shape.member.as_ref().and_then(|m| model.shape(m)).map(|shape| shape.kind)?;
        let values: Vec<_> = values.map(|text| scalar(kind, text)).collect();
        return (!values.is_empty())
            .then(|| values.into_iter().collect::<Result<Vec<_>, _>>().map(Value::from));
    }
    values.next().map(|text| scalar(shape.kind, text))
}

pub(crate) fn query_pairs(query: &str) -> Vec<(String, String)> {
    let decode =
        |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// Status, headers and body of a reply.
pub(crate) struct Encoded {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) json: bool,
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
        if let Some(Location::Header | Location::StatusCode) = reference.location
            && let Some(value) = members.remove(name)
        {
            bind(&mut encoded, name, reference, &value)?;
        }
    }
    if let Some(body) = output.body() {
        encoded.body = body;
    } else if let Some(payload) = &shape.payload {
        let value = members.remove(payload).unwrap_or_else(|| Value::Object(Map::new()));
        encoded.body = serde_json::to_vec(&value).map_err(internal)?.into();
        encoded.json = true;
    } else if encoded.status != 204 {
        encoded.body = serde_json::to_vec(&members).map_err(internal)?.into();
        encoded.json = true;
    }
    Ok(encoded)
}

fn bind(
    encoded: &mut Encoded,
    name: &str,
    reference: &ShapeRef,
    value: &Value,
) -> Result<(), Fault> {
    if reference.location == Some(Location::StatusCode) {
        encoded.status = value.as_u64().and_then(|n| u16::try_from(n).ok()).unwrap_or(200);
        return Ok(());
    }
    let text = match value {
        Value::Null => return Ok(()),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let name = reference.location_name.as_deref().unwrap_or(name);
    let invalid = |_| Fault::internal(format!("the header {name} cannot be written"));
    encoded.headers.insert(
        HeaderName::try_from(name).map_err(|e| invalid(e.to_string()))?,
        HeaderValue::try_from(text).map_err(|e| invalid(e.to_string()))?,
    );
    Ok(())
}
