//! YAML text to a tree. Short-form functions become their long form, aliases and merge keys are
//! expanded within the limits, and a duplicate key is an error.

use std::collections::HashMap;

use indexmap::map::Entry;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, StrInput, Tag};

use crate::error::{Error, Position, Result};
use crate::limits;
use crate::node::{Data, Map, Node};
use crate::scalar;

/// Reads one YAML document.
pub(crate) fn parse(text: &str) -> Result<Node> {
    let mut reader =
        Reader { parser: Parser::new_from_str(text), anchors: HashMap::new(), nodes: 0 };
    let mut root = None;
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamEnd => break,
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
            _ if root.is_some() => {
                return Err(format_error(position(span.start), "only one document is allowed"));
            }
            event => root = Some(reader.node(event, span, 0)?),
        }
    }
    root.ok_or_else(|| format_error(Position { line: 1, column: 1 }, "the template is empty"))
}

struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    /// The node of every anchor, and how many nodes it holds.
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span)> {
        match self.parser.next_event() {
            Some(Ok(found)) => Ok(found),
            Some(Err(error)) => Err(format_error(position(*error.marker()), error.info())),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<Node> {
        let at = position(span.start);
        if depth > limits::DEPTH {
            let message = format!("the template is nested deeper than {} levels", limits::DEPTH);
            return Err(Error::limit(at, format!("Template format error: {message}")));
        }
        let before = self.nodes;
        self.count(at, 1)?;
        let (node, anchor) = match event {
            Event::Alias(id) => return self.alias(id, at),
            Event::Scalar(text, style, anchor, tag) => {
                (scalar_node(&text, style, tag.as_deref(), at)?, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                (tagged(tag.as_deref(), self.list(at, depth)?)?, anchor)
            }
            Event::MappingStart(anchor, tag) => {
                (tagged(tag.as_deref(), self.map(at, depth)?)?, anchor)
            }
            _ => return Err(format_error(at, "a value is missing")),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), self.nodes - before));
        }
        Ok(node)
    }

    fn count(&mut self, at: Position, nodes: usize) -> Result<()> {
        self.nodes += nodes;
        if self.nodes <= limits::NODES {
            return Ok(());
        }
        let message = format!("the template has more than {} values", limits::NODES);
        Err(Error::limit(at, format!("Template format error: {message}")))
    }

    fn alias(&mut self, id: usize, at: Position) -> Result<Node> {
        let (node, size) = match self.anchors.get(&id) {
            Some((node, size)) => (node.clone(), *size),
            None => return Err(format_error(at, "an alias refers to a value that contains it")),
        };
        self.count(at, size)?;
        Ok(node)
    }

    fn list(&mut self, at: Position, depth: usize) -> Result<Node> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                return Ok(Node { data: Data::List(items), at });
            }
            items.push(self.node(event, span, depth + 1)?);
        }
    }

    fn map(&mut self, at: Position, depth: usize) -> Result<Node> {
        let mut map = Map::new();
        let mut merged = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let key_at = position(span.start);
            let key = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, style, ..) => (text.into_owned(), style),
                _ => return Err(format_error(key_at, "a key must be a string")),
            };
            let (event, span) = self.next()?;
            let mut value = self.node(event, span, depth + 1)?;
            value.at = key_at;
            if key == ("<<".to_owned(), ScalarStyle::Plain) {
                merged.push(value);
                continue;
            }
            match map.entry(key.0) {
                Entry::Vacant(place) => place.insert(value),
                Entry::Occupied(place) => {
                    return Err(format_error(key_at, &format!("duplicate key '{}'", place.key())));
                }
            };
        }
        for value in merged {
            merge(&mut map, value)?;
        }
        Ok(Node { data: Data::Map(map), at })
    }
}

/// Adds the entries of a merge key (`<<`) that the map does not have itself.
fn merge(map: &mut Map, value: Node) -> Result<()> {
    let at = value.at;
    match value.data {
        Data::Map(entries) => {
            for (key, node) in entries {
                map.entry(key).or_insert(node);
            }
            Ok(())
        }
        Data::List(items) => items.into_iter().try_for_each(|item| merge(map, item)),
        _ => Err(format_error(at, "a merge key needs a map")),
    }
}

fn scalar_node(text: &str, style: ScalarStyle, tag: Option<&Tag>, at: Position) -> Result<Node> {
    let Some(tag) = tag else {
        let data = if style == ScalarStyle::Plain {
            scalar::resolve(text)
        } else {
            Data::String(text.to_owned())
        };
        return Ok(Node { data, at });
    };
    if tag.is_yaml_core_schema() {
        let data = match tag.suffix.as_str() {
            "str" => Data::String(text.to_owned()),
            "int" | "float" | "bool" | "null" => scalar::resolve(text),
            other => return Err(format_error(at, &format!("the tag !!{other} is not allowed"))),
        };
        return Ok(Node { data, at });
    }
    // The argument of a short-form function is text, whatever it looks like.
    let node = Node::text(at, text);
    tagged(Some(tag), node)
}

/// Turns `!Name argument` into `{"Fn::Name": argument}`.
fn tagged(tag: Option<&Tag>, node: Node) -> Result<Node> {
    let Some(tag) = tag else { return Ok(node) };
    let at = node.at;
    if tag.is_yaml_core_schema() && matches!(tag.suffix.as_str(), "map" | "seq") {
        return Ok(node);
    }
    let function = match tag.suffix.as_str() {
        name @ ("Ref" | "Condition") => name.to_owned(),
        name @ ("And" | "Base64" | "Cidr" | "Equals" | "FindInMap" | "GetAtt" | "GetAZs" | "If"
        | "ImportValue" | "Join" | "Not" | "Or" | "Select" | "Split" | "Sub"
        | "Transform" | "ToJsonString" | "Length" | "ForEach" | "Contains"
        | "EachMemberEquals" | "EachMemberIn" | "RefAll" | "ValueOf" | "ValueOfAll") => {
            format!("Fn::{name}")
        }
        other => return Err(format_error(at, &format!("unknown tag !{other}"))),
    };
    let argument = match (function.as_str(), node.as_str().and_then(|text| text.split_once('.'))) {
        ("Fn::GetAtt", Some((resource, attribute))) => {
            Node::list(at, [Node::text(at, resource), Node::text(at, attribute)])
        }
        _ => node,
    };
    Ok(Node::map(at, [(function, argument)]))
}

fn position(marker: Marker) -> Position {
    let count = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Position { line: count(marker.line()).max(1), column: count(marker.col().saturating_add(1)) }
}

fn format_error(at: Position, detail: &str) -> Error {
    Error::invalid(at, format!("Template format error: YAML not well-formed. {detail}"))
}
