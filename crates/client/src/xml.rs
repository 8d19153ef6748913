//! Replies in XML as a tree.

use crate::Error;
use quick_xml::{
    Reader,
    escape::resolve_predefined_entity,
    events::{BytesRef, Event},
};

/// The deepest nesting that is read.
const MAX_DEPTH: usize = 64;

/// An element without its attributes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name without a prefix.
    pub name: String,
    /// The text that stands directly in it.
    pub text: String,
    /// The elements in it, in their order.
    pub children: Vec<Element>,
}

impl Element {
    /// The first child with a name.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child with a name; `None` if there is no such child or no text.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str()).filter(|text| !text.is_empty())
    }

    /// The members of a list: the children of the first child with a name.
    #[must_use]
    pub fn list(&self, name: &str) -> &[Self] {
        self.child(name).map_or(&[], |child| &child.children)
    }

    /// Reads a document.
    ///
    /// # Errors
    /// [`Error::Reply`] if it is not well formed or nests too deep.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut reader = Reader::from_str(text);
        let mut open = vec![Self::default()];
        loop {
            let event = reader.read_event().map_err(|error| Error::Reply(error.to_string()))?;
            let innermost = open.last_mut().ok_or_else(unbalanced)?;
            match event {
                Event::Start(start) => open.push(Self::named(start.local_name().as_ref())),
                Event::Empty(empty) => {
                    innermost.children.push(Self::named(empty.local_name().as_ref()));
                }
                Event::Text(text) => innermost.text.push_str(&text.xml10_content()),
                Event::CData(text) => innermost.text.push_str(&text.xml10_content()),
                Event::GeneralRef(entity) => innermost.text.push_str(&resolve(&entity)?),
                Event::End(_) => close(&mut open)?,
                Event::Eof => break,
                _ => {}
            }
            if open.len() > MAX_DEPTH {
                return Err(Error::Reply(format!("XML deeper than {MAX_DEPTH} elements")));
            }
        }
        let mut document = open.pop().filter(|_| open.is_empty()).ok_or_else(unbalanced)?;
        document.children.pop().ok_or_else(|| Error::Reply("XML without an element".to_owned()))
    }

    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

fn close(open: &mut Vec<Element>) -> Result<(), Error> {
    let mut closed = open.pop().ok_or_else(unbalanced)?;
    if !closed.children.is_empty() {
        closed.text.clear();
    }
    open.last_mut().ok_or_else(unbalanced)?.children.push(closed);
    Ok(())
}

fn resolve(entity: &BytesRef<'_>) -> Result<String, Error> {
    let unknown = || Error::Reply(format!("unknown XML entity {:?}", entity.as_ref()));
    if let Some(character) = entity.resolve_char_ref().map_err(|_| unknown())? {
        return Ok(character.to_string());
    }
    resolve_predefined_entity(entity).map(str::to_owned).ok_or_else(unknown)
}

fn unbalanced() -> Error {
    Error::Reply("XML elements are not balanced".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_lists_and_references_are_read() {
        let text = "<?xml version=\"1.0\"?>\n<R xmlns=\"u\"><A>1 &lt; &#50;</A><L>\n<member>x</member>\
                    <member>y</member></L><E/></R>";
        let root = Element::parse(text).unwrap();
        assert_eq!(root.get("A"), Some("1 < 2"));
        let items: Vec<_> = root.list("L").iter().map(|item| item.text.as_str()).collect();
        assert_eq!(items, ["x", "y"]);
        assert_eq!(root.get("E"), None);
        assert!(root.list("missing").is_empty());
    }

    #[test]
    fn what_is_not_well_formed_is_an_error() {
        for text in ["", "<a>", "<a></b>", "<a>&unknown;</a>", "text"] {
            assert!(Element::parse(text).is_err(), "{text}");
        }
        assert!(Element::parse(&"<a>".repeat(1000)).is_err());
    }
}
