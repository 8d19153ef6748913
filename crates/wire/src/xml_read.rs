//! Members from an XML document, by their shapes.

use crate::{
    model::{Model, Payload},
    query::scalar,
    shape::{Shape, ShapeRef, ShapeType},
};
use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesRef, BytesStart, Event},
};
use serde_json::{Map, Value};
use service::Fault;
use types::Timestamp;

/// Deeper than any official document.
const MAX_DEPTH: usize = 32;
/// More elements than any official document: 10,000 parts with a dozen members each.
const MAX_ELEMENTS: usize = 200_000;

/// An element: its local name, its attributes by their whole names, its text, the elements inside.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

/// The value of a payload member that is an XML document.
///
/// # Errors
/// `MalformedXML`: no document, another root, an element that the shape does not have, or a text of
/// another type.
pub(crate) fn document(model: &Model, payload: Payload<'_>, body: &[u8]) -> Result<Value, Fault> {
    let root = parse(body).ok_or_else(malformed)?;
    let name = payload.reference.location_name.as_deref().unwrap_or(payload.name);
    if root.name != name {
        return Err(malformed());
    }
    structure(model, payload.shape, &root)
}

fn structure(model: &Model, shape: &Shape, element: &Element) -> Result<Value, Fault> {
    let mut members = attributes(shape, element);
    for child in &element.children {
        let is_it =
            |(name, reference): &(&String, &ShapeRef)| wire_name(reference, name) == child.name;
        let (name, reference) = shape.members.iter().find(is_it).ok_or_else(malformed)?;
        let target = model.shape(reference).ok_or_else(malformed)?;
        let flattened = reference.flattened || target.flattened;
        if target.kind == ShapeType::List && flattened {
            let member = target.member.as_ref().ok_or_else(malformed)?;
            let value = value(model, member, child)?;
            match members.entry(name).or_insert_with(|| Value::Array(Vec::new())) {
                Value::Array(elements) => elements.push(value),
                _ => return Err(malformed()),
            }
        } else if members.insert(name.clone(), value(model, reference, child)?).is_some() {
            return Err(malformed());
        }
    }
    Ok(Value::Object(members))
}

/// The members of a structure that are attributes of its element. Other attributes say nothing:
/// they declare namespaces.
fn attributes(shape: &Shape, element: &Element) -> Map<String, Value> {
    let found = element.attributes.iter().filter_map(|(attribute, text)| {
        let is_it = |(name, reference): &(&String, &ShapeRef)| {
            reference.xml_attribute && wire_name(reference, name) == attribute
        };
        let (name, _) = shape.members.iter().find(is_it)?;
        Some((name.clone(), Value::String(text.clone())))
    });
    found.collect()
}

fn value(model: &Model, reference: &ShapeRef, element: &Element) -> Result<Value, Fault> {
    let shape = model.shape(reference).ok_or_else(malformed)?;
    match shape.kind {
        ShapeType::Structure => structure(model, shape, element),
        ShapeType::List => {
            let member = shape.member.as_ref().ok_or_else(malformed)?;
            let name = wire_name(member, "member");
            let elements = element.children.iter().map(|child| match child.name == name {
                true => value(model, member, child),
                false => Err(malformed()),
            });
            Ok(Value::Array(elements.collect::<Result<_, _>>()?))
        }
        // No official document of a request has a map.
        ShapeType::Map => Err(malformed()),
        _ if !element.children.is_empty() => Err(malformed()),
        ShapeType::String => Ok(Value::String(element.text.clone())),
        ShapeType::Timestamp => time(element.text.trim()).ok_or_else(malformed),
        kind => scalar(kind, element.text.trim()).map_err(|_| malformed()),
    }
}

/// A time in any of the official forms.
pub(crate) fn time(text: &str) -> Option<Value> {
    let at = Timestamp::parse_iso8601(text).or_else(|| Timestamp::parse_http_date(text))?;
    Some(Value::from(at.as_secs_f64()))
}

fn wire_name<'a>(reference: &'a ShapeRef, name: &'a str) -> &'a str {
    reference.location_name.as_deref().unwrap_or(name)
}

fn malformed() -> Fault {
    let text = "The XML you provided was not well-formed or did not validate against our \
                published schema";
    Fault::sender("MalformedXML", text)
}

/// The document as a tree; `None` if it is not well-formed, declares a document type, or is out of
/// bounds.
fn parse(body: &[u8]) -> Option<Element> {
    let text = std::str::from_utf8(body).ok()?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let (mut open, mut root, mut count) = (Vec::<Element>::new(), None, 0);
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) if open.len() < MAX_DEPTH => {
                open.push(element(&start, &mut count)?)
            }
            Event::Start(_) => return None,
            Event::Empty(start) => close(element(&start, &mut count)?, &mut open, &mut root)?,
            Event::End(_) => close(open.pop()?, &mut open, &mut root)?,
            Event::Text(text) => add_text(&mut open, &text.xml10_content())?,
            Event::CData(text) => add_text(&mut open, &text.xml10_content())?,
            Event::GeneralRef(reference) => add_text(&mut open, &resolve(&reference)?)?,
            Event::DocType(_) => return None,
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return if open.is_empty() { root } else { None },
        }
    }
}

fn element(start: &BytesStart<'_>, count: &mut usize) -> Option<Element> {
    *count += 1;
    if *count > MAX_ELEMENTS {
        return None;
    }
    let name = start.local_name().into_inner().to_owned();
    let attributes = start.attributes().map(|attribute| {
        let attribute = attribute.ok()?;
        let text = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
        Some((attribute.key.into_inner().to_owned(), text.into_owned()))
    });
    let attributes = attributes.collect::<Option<_>>()?;
    Some(Element { name, attributes, ..Element::default() })
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) -> Option<()> {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None => return root.replace(element).is_none().then_some(()),
    }
    Some(())
}

/// Adds to the innermost element; outside of the root only white space may stand.
fn add_text(open: &mut [Element], text: &str) -> Option<()> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None => return text.trim().is_empty().then_some(()),
    }
    Some(())
}

/// `&lt;` and `&#60;`; there are no others without a document type.
fn resolve(reference: &BytesRef<'_>) -> Option<String> {
    match reference.resolve_char_ref().ok()? {
        Some(character) => Some(character.to_string()),
        None => resolve_predefined_entity(&reference.xml10_content()).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Element {
        parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_text_is_kept_with_its_white_space_and_its_references_resolved() {
        let root = parsed(
            "<?xml version=\"1.0\"?>\n<a xmlns=\"x\"><k> a&amp;b&#x41;<![CDATA[<]]> </k></a>",
        );
        assert_eq!(root.children[0].text, " a&bA< ");
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for bad in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>text",
            "<a>&unknown;</a>",
            "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        ] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
        let deep = format!("{}{}", "<a>".repeat(40), "</a>".repeat(40));
        assert_eq!(parse(deep.as_bytes()), None);
    }
}
