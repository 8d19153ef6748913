//! XML documents from members and their shapes.

use crate::{
    model::Model,
    shape::{Shape, ShapeRef, ShapeType},
};
use quick_xml::{
    Writer,
    escape::escape,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};
use serde_json::Value;
use service::Fault;
use types::Timestamp;

/// An XML document that is being written.
pub(crate) struct Xml(Writer<Vec<u8>>);

impl Xml {
    pub(crate) fn new() -> Self {
        Self(Writer::new(Vec::with_capacity(512)))
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0.into_inner()
    }

    pub(crate) fn open_root(&mut self, name: &str, namespace: &str) -> Result<(), Fault> {
        self.write(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let mut start = BytesStart::new(name);
        if !namespace.is_empty() {
            start.push_attribute(("xmlns", namespace));
        }
        self.write(Event::Start(start))
    }

    pub(crate) fn open(&mut self, name: &str) -> Result<(), Fault> {
        self.write(Event::Start(BytesStart::new(name)))
    }

    pub(crate) fn close(&mut self, name: &str) -> Result<(), Fault> {
        self.write(Event::End(BytesEnd::new(name)))
    }

    pub(crate) fn text(&mut self, name: &str, text: &str) -> Result<(), Fault> {
        self.open(name)?;
        self.content(text)?;
        self.close(name)
    }

    /// Text inside of the open element.
    pub(crate) fn content(&mut self, text: &str) -> Result<(), Fault> {
        let is_special = |byte: u8| byte < b' ' && byte != b'\t' && byte != b'\n';
        if !text.bytes().any(is_special) {
            return self.write(Event::Text(BytesText::new(text)));
        }
        // Keys may hold any character. AWS writes control characters, which no reference stands
        // for in XML 1.0, as references all the same.
        let escaped = escape(text).chars().fold(String::new(), |mut out, character| {
            match u8::try_from(character).is_ok_and(is_special) {
                true => out.push_str(&format!("&#x{:X};", u32::from(character))),
                false => out.push(character),
            }
            out
        });
        self.write(Event::Text(BytesText::from_escaped(escaped)))
    }

    /// The members of a structure, in the order of the names.
    pub(crate) fn structure(
        &mut self,
        model: &Model,
        shape: &Shape,
        value: &Value,
    ) -> Result<(), Fault> {
        let Value::Object(members) = value else { return Ok(()) };
        for (name, value) in members {
            match shape.members.get(name) {
                Some(reference) if !value.is_null() && !reference.xml_attribute => {
                    self.member(model, reference, reference.name_or(name), value)?;
                }
                Some(_) => {}
                None => {
                    return Err(Fault::internal(format!("the model has no output member {name}")));
                }
            }
        }
        Ok(())
    }

    /// The start of a structure's element, with the members that are its attributes.
    fn open_structure(&mut self, shape: &Shape, name: &str, value: &Value) -> Result<(), Fault> {
        let mut start = BytesStart::new(name);
        if let Some(namespace) = &shape.xml_namespace
            && let Some(prefix) = &namespace.prefix
        {
            start.push_attribute((format!("xmlns:{prefix}").as_str(), namespace.uri.as_str()));
        }
        for (name, reference) in shape.members.iter().filter(|(_, member)| member.xml_attribute) {
            if let Some(text) = value.get(name).and_then(Value::as_str) {
                start.push_attribute((reference.name_or(name), text));
            }
        }
        self.write(Event::Start(start))
    }

    fn member(
        &mut self,
        model: &Model,
        reference: &ShapeRef,
        name: &str,
        value: &Value,
    ) -> Result<(), Fault> {
        let Some(shape) = model.shape(reference) else {
            return Err(Fault::internal(format!("the model has no shape {}", reference.shape)));
        };
        let flattened = reference.flattened || shape.flattened;
        match (shape.kind, value) {
            (ShapeType::Structure, _) => {
                self.open_structure(shape, name, value)?;
                self.structure(model, shape, value)?;
                self.close(name)
            }
            (ShapeType::List, Value::Array(elements)) => {
                self.list(model, shape, (!flattened).then_some(name), name, elements)
            }
            (ShapeType::Map, Value::Object(entries)) => {
                self.map(model, shape, (!flattened).then_some(name), name, entries)
            }
            _ => self.text(name, &scalar(shape, value)),
        }
    }

    fn list(
        &mut self,
        model: &Model,
        shape: &Shape,
        wrapper: Option<&str>,
        name: &str,
        elements: &[Value],
    ) -> Result<(), Fault> {
        let Some(member) = &shape.member else { return Ok(()) };
        let fallback = if wrapper.is_some() { "member" } else { name };
        let element_name = member.name_or(fallback);
        wrapper.map_or(Ok(()), |name| self.open(name))?;
        for element in elements {
            self.member(model, member, element_name, element)?;
        }
        wrapper.map_or(Ok(()), |name| self.close(name))
    }

    fn map(
        &mut self,
        model: &Model,
        shape: &Shape,
        wrapper: Option<&str>,
        name: &str,
        entries: &serde_json::Map<String, Value>,
    ) -> Result<(), Fault> {
        let (Some(key_ref), Some(value_ref)) = (&shape.key, &shape.value) else { return Ok(()) };
        let entry = if wrapper.is_some() { "entry" } else { name };
        wrapper.map_or(Ok(()), |name| self.open(name))?;
        for (key, value) in entries {
            self.open(entry)?;
            self.text(key_ref.name_or("key"), key)?;
            self.member(model, value_ref, value_ref.name_or("value"), value)?;
            self.close(entry)?;
        }
        wrapper.map_or(Ok(()), |name| self.close(name))
    }

    fn write(&mut self, event: Event<'_>) -> Result<(), Fault> {
        self.0.write_event(event).map_err(|error| Fault::internal(error.to_string()))
    }
}

fn scalar(shape: &Shape, value: &Value) -> String {
    match value {
        Value::Number(number) if shape.kind == ShapeType::Timestamp => {
            let millis = number.as_f64().unwrap_or_default() * 1000.0;
            Timestamp::from_millis(millis.round() as u64).to_iso8601()
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
