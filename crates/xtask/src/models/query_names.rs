//! Adds to the present SQS model, which describes JSON only, what its predecessor said about
//! the Query protocol: names of members on the wire, result wrappers, error codes.
//!
//! Names go into the trait `queryName`, because `locationName` would rename the members in JSON
//! too.

use serde_json::Value;

use super::source::{Model, Shape, Traits};

/// Copies the older model's Query traits into the newer model.
pub(crate) fn add(model: &mut Model, older: &Model) {
    copy(&older.metadata, "xmlNamespace", &mut model.metadata);
    for (name, operation) in &mut model.operations {
        let wrapper =
            older.operations.get(name).and_then(|old| old.get("output")?.get("resultWrapper"));
        if let (Some(wrapper), Some(Value::Object(output))) = (wrapper, operation.get_mut("output"))
        {
            output.insert("resultWrapper".to_owned(), wrapper.clone());
        }
    }
    for (name, shape) in &mut model.shapes {
        if let Some(old) = older.shapes.get(name) {
            add_to_shape(shape, old);
        }
    }
    add_newcomers(model);
    name_system_attributes(model);
}

fn add_to_shape(shape: &mut Shape, old: &Shape) {
    copy(&old.traits, "error", &mut shape.traits);
    if let Some(name) = old.traits.get("locationName") {
        shape.traits.insert("queryName".to_owned(), name.clone());
    }
    for place in ["member", "key", "value"] {
        let name = old.traits.get(place).and_then(|old| old.get("locationName"));
        if let (Some(name), Some(Value::Object(reference))) = (name, shape.traits.get_mut(place)) {
            reference.insert("queryName".to_owned(), name.clone());
        }
    }
    for (member, traits) in shape.members.iter_mut().flatten() {
        let name = old.members.as_ref().and_then(|old| old.get(member)?.get("locationName"));
        if let Some(name) = name {
            traits.insert("queryName".to_owned(), name.clone());
        }
    }
}

/// Lists that were added after the last Query model follow its one rule: items carry the
/// singular of the parameter's name.
fn add_newcomers(model: &mut Model) {
    let list = model.shapes.get_mut("MessageSystemAttributeList");
    if let Some(Value::Object(member)) = list.and_then(|list| list.traits.get_mut("member")) {
        member.insert("queryName".to_owned(), "MessageSystemAttributeName".into());
    }
}

/// The older name of `MessageSystemAttributeNames` has the type of a queue's attributes in the
/// models, but its documentation lists, and SQS takes, those of a message.
fn name_system_attributes(model: &mut Model) {
    let request = model.shapes.get_mut("ReceiveMessageRequest");
    let members = request.and_then(|request| request.members.as_mut());
    if let Some(names) = members.and_then(|members| members.get_mut("AttributeNames")) {
        names.insert("queryName".to_owned(), "AttributeName".into());
        names.insert("shape".to_owned(), "MessageSystemAttributeList".into());
    }
}

fn copy(from: &Traits, name: &str, to: &mut Traits) {
    if let Some(value) = from.get(name) {
        to.insert(name.to_owned(), value.clone());
    }
}
