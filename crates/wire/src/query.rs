//! The Query protocol: form parameters in, XML out.

use crate::{
    form::Form,
    model::{Model, OperationModel},
    shape::{Shape, ShapeRef, ShapeType},
    tree::serialization,
    xml::Xml,
};
use serde_json::{Map, Number, Value};
use service::Fault;
use types::{RequestId, Timestamp};

/// The members of a request.
pub(crate) fn decode(
    model: &Model,
    operation: &OperationModel,
    form: &Form,
) -> Result<Value, Fault> {
    match model.input(operation) {
        Some(shape) => structure(model, shape, form),
        None => Ok(Value::Object(Map::new())),
    }
}

fn structure(model: &Model, shape: &Shape, form: &Form) -> Result<Value, Fault> {
    let mut members = Map::new();
    for (name, reference) in &shape.members {
        if let Some(value) = member(model, name, reference, form)? {
            members.insert(name.clone(), value);
        }
    }
    Ok(Value::Object(members))
}

fn member(
    model: &Model,
    name: &str,
    reference: &ShapeRef,
    form: &Form,
) -> Result<Option<Value>, Fault> {
    let Some(shape) = model.shape(reference) else { return Ok(None) };
    let name = reference.name_or(shape.query_name.as_deref().unwrap_or(name));
    match shape.kind {
        ShapeType::List => list(model, name, reference, shape, form),
        ShapeType::Map => map(model, name, reference, shape, form),
        _ => form.child(name).map(|child| value(model, reference, child)).transpose(),
    }
}

fn value(model: &Model, reference: &ShapeRef, form: &Form) -> Result<Value, Fault> {
    let shape = model.shape(reference).ok_or_else(|| serialization("unknown shape"))?;
    match shape.kind {
        ShapeType::Structure => structure(model, shape, form),
        ShapeType::List => Ok(elements(model, shape, form)?.unwrap_or_default().into()),
        ShapeType::Map => entries(model, shape, form),
        kind => scalar(kind, form.value.as_deref().unwrap_or_default()),
    }
}

fn list(
    model: &Model,
    name: &str,
    reference: &ShapeRef,
    shape: &Shape,
    form: &Form,
) -> Result<Option<Value>, Fault> {
    if reference.flattened || shape.flattened {
        // The list's own name gives way to that of its elements: `AttributeName.1`.
        let element = shape.member.as_ref().map_or(name, |member| member.name_or(name));
        let name = if reference.query_name.is_some() { name } else { element };
        return match form.child(name) {
            Some(child) => Ok(elements_of(model, shape, child)?.map(Value::from)),
            None => Ok(None),
        };
    }
    match form.child(name) {
        // `Names=` is an empty list.
        Some(child) if child.children.is_empty() => Ok(Some(Value::Array(Vec::new()))),
        Some(child) => Ok(elements(model, shape, child)?.map(Value::from)),
        None => Ok(None),
    }
}

/// The elements below the element name: `Names.member.1`.
fn elements(model: &Model, shape: &Shape, form: &Form) -> Result<Option<Vec<Value>>, Fault> {
    let name = shape.member.as_ref().map_or("member", |member| member.name_or("member"));
    match form.child(name) {
        Some(child) => elements_of(model, shape, child),
        None => Ok(None),
    }
}

fn elements_of(model: &Model, shape: &Shape, form: &Form) -> Result<Option<Vec<Value>>, Fault> {
    let Some(member) = &shape.member else { return Ok(None) };
    let numbered = form.numbered();
    Ok(Some(numbered.into_iter().map(|f| value(model, member, f)).collect::<Result<_, _>>()?))
}

fn map(
    model: &Model,
    name: &str,
    reference: &ShapeRef,
    shape: &Shape,
    form: &Form,
) -> Result<Option<Value>, Fault> {
    let Some(child) = form.child(name) else { return Ok(None) };
    let child = if reference.flattened || shape.flattened {
        child
    } else {
        match child.child("entry") {
            Some(entry) => entry,
            None => return Ok(None),
        }
    };
    Ok(Some(entries(model, shape, child)?))
}

fn entries(model: &Model, shape: &Shape, form: &Form) -> Result<Value, Fault> {
    let mut map = Map::new();
    let (Some(key_ref), Some(value_ref)) = (&shape.key, &shape.value) else {
        return Ok(Value::Object(map));
    };
    for entry in form.numbered() {
        let Some(key) = entry.text(key_ref.name_or("key")) else {
            return Err(Fault::sender("MalformedQueryString", "A map entry has no key."));
        };
        let child = entry.child(value_ref.name_or("value"));
        let value = child.map(|child| value(model, value_ref, child)).transpose()?;
        map.insert(key.to_owned(), value.unwrap_or_else(|| Value::String(String::new())));
    }
    Ok(Value::Object(map))
}

/// A single value as text, in the type that its shape has.
pub(crate) fn scalar(kind: ShapeType, text: &str) -> Result<Value, Fault> {
    let wrong =
        |expected| Fault::sender("MalformedInput", format!("{text:?} is not a valid {expected}."));
    match kind {
        ShapeType::Boolean => match text {
            "true" | "True" | "1" => Ok(Value::Bool(true)),
            "false" | "False" | "0" => Ok(Value::Bool(false)),
            _ => Err(wrong("boolean")),
        },
        ShapeType::Integer | ShapeType::Long | ShapeType::Short | ShapeType::Byte => {
            text.parse::<i64>().map(Value::from).map_err(|_| wrong("integer"))
        }
        ShapeType::Float | ShapeType::Double => {
            let number = text.parse().ok().and_then(Number::from_f64);
            number.map(Value::Number).ok_or_else(|| wrong("number"))
        }
        ShapeType::Timestamp => match Timestamp::parse_iso8601(text) {
            Some(at) => Ok(Value::from(at.as_secs_f64())),
            None => text.parse::<u64>().map(Value::from).map_err(|_| wrong("timestamp")),
        },
        _ => Ok(Value::String(text.to_owned())),
    }
}

/// The reply to `operation` as an XML document.
pub(crate) fn encode(
    model: &Model,
    operation: &OperationModel,
    members: &Value,
    request_id: &RequestId,
) -> Result<Vec<u8>, Fault> {
    let mut xml = Xml::new();
    let root = format!("{}Response", operation.name);
    let namespace = model.metadata.xml_namespace.as_ref().map_or("", |n| n.uri());
    xml.open_root(&root, namespace)?;
    if let (Some(reference), Some(shape)) = (&operation.output, model.output(operation)) {
        let wrapper = reference.result_wrapper.clone();
        let wrapper = wrapper.unwrap_or_else(|| format!("{}Result", operation.name));
        xml.open(&wrapper)?;
        xml.structure(model, shape, members)?;
        xml.close(&wrapper)?;
    }
    xml.open("ResponseMetadata")?;
    xml.text("RequestId", &request_id.to_string())?;
    xml.close("ResponseMetadata")?;
    xml.close(&root)?;
    Ok(xml.finish())
}

impl ShapeRef {
    /// The name in the Query protocol.
    pub(crate) fn name_or<'a>(&'a self, name: &'a str) -> &'a str {
        self.query_name.as_deref().or(self.location_name.as_deref()).unwrap_or(name)
    }
}
