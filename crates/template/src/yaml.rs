//! YAML text to a tree. Short-form functions become their long form, aliases and merge keys are
//! expanded within the limits, and of a duplicate key the last one counts.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, StrInput, Tag};

use crate::error::{Error, Position, Result, Warning};
use crate::limits;
use crate::node::{Data, Map, Node};
use crate::scalar;

/// Reads one YAML document.
///
/// The parser follows YAML 1.2, which wants every line of a `[...]` or `{...}` indented deeper than its
/// key. CloudFormation's YAML 1.1 does not, and real templates close them at the key's column. So a line
/// that fails for this reason is indented, and the text is read again.
pub(crate) fn parse(text: &str) -> Result<(Node, Vec<Warning>)> {
    let mut text = Cow::Borrowed(text);
    let mut padded = BTreeSet::new();
    let rereads = (limits::YAML_REREAD_BYTES / text.len().max(1)).min(limits::YAML_REREADS);
    for _ in 0..rereads {
        let line = match Reader::new(&text, &padded).document() {
            Err(Failure { unindented: Some(line), .. }) if padded.insert(line) => line,
            result => return result.map_err(|failure| failure.error),
        };
        let index = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
        let Some(start) = line_start(&text, index) else { break };
        text.to_mut().insert_str(start, &" ".repeat(PADDING));
    }
    Reader::new(&text, &padded).document().map_err(|failure| failure.error)
}

/// How far a line is indented so that it is deeper than any key may be.
const PADDING: usize = 4 * limits::DEPTH;

fn line_start(text: &str, index: usize) -> Option<usize> {
    if index == 0 {
        return Some(0);
    }
    text.match_indices('\n').nth(index - 1).map(|(at, _)| at + 1)
}

/// Why reading failed, and the line that YAML 1.1 would not have to be indented.
struct Failure {
    error: Error,
    unindented: Option<u32>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, unindented: None }
    }
}

type Read<T> = std::result::Result<T, Failure>;

struct Reader<'t> {
    /// The lines that were indented.
    padded: &'t BTreeSet<u32>,
    parser: Parser<'t, StrInput<'t>>,
    /// The node of every anchor, and how many nodes it holds.
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    warnings: Vec<Warning>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, padded: &'t BTreeSet<u32>) -> Self {
        Self {
            padded,
            parser: Parser::new_from_str(text),
            anchors: HashMap::new(),
            nodes: 0,
            warnings: Vec::new(),
        }
    }

    fn document(mut self) -> Read<(Node, Vec<Warning>)> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::StreamStart
                | Event::DocumentStart(_)
                | Event::DocumentEnd
                | Event::Nothing => {}
                _ if root.is_some() => {
                    let at = self.position(span.start);
                    return Err(format_error(at, "only one document is allowed").into());
                }
                event => root = Some(self.node(event, span, 0)?),
            }
        }
        let start = Position { line: 1, column: 1 };
        let root = root.ok_or_else(|| format_error(start, "the template is empty"))?;
        Ok((root, self.warnings))
    }

    fn next(&mut self) -> Read<(Event<'t>, Span)> {
        match self.parser.next_event() {
            Some(Ok(found)) => Ok(found),
            Some(Err(error)) => {
                let at = self.position(*error.marker());
                let unindented = matches!(
                    error.info(),
                    "invalid indentation" | "invalid indentation in flow construct"
                );
                Err(Failure {
                    error: format_error(at, error.info()),
                    unindented: unindented.then_some(at.line),
                })
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    /// The place in the text as it was given.
    fn position(&self, marker: Marker) -> Position {
        let count = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        let line = count(marker.line()).max(1);
        let padding = if self.padded.contains(&line) { PADDING } else { 0 };
        Position { line, column: count(marker.col().saturating_sub(padding).saturating_add(1)) }
    }

    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Read<Node> {
        let at = self.position(span.start);
        if depth > limits::DEPTH {
            let message = format!("the template is nested deeper than {} levels", limits::DEPTH);
            return Err(Error::limit(at, format!("Template format error: {message}")).into());
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
            _ => return Err(format_error(at, "a value is missing").into()),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), self.nodes - before));
        }
        Ok(node)
    }

    fn count(&mut self, at: Position, nodes: usize) -> Read<()> {
        self.nodes += nodes;
        if self.nodes <= limits::NODES {
            return Ok(());
        }
        let message = format!("the template has more than {} values", limits::NODES);
        Err(Error::limit(at, format!("Template format error: {message}")).into())
    }

    fn alias(&mut self, id: usize, at: Position) -> Read<Node> {
        let (node, size) = match self.anchors.get(&id) {
            Some((node, size)) => (node.clone(), *size),
            None => {
                return Err(format_error(at, "an alias refers to a value that contains it").into());
            }
        };
        self.count(at, size)?;
        Ok(node)
    }

    fn list(&mut self, at: Position, depth: usize) -> Read<Node> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                return Ok(Node { data: Data::List(items), at });
            }
            items.push(self.node(event, span, depth + 1)?);
        }
    }

    fn map(&mut self, at: Position, depth: usize) -> Read<Node> {
        let mut map = Map::new();
        let mut merged = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let key_at = self.position(span.start);
            let key = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, style, ..) => (text.into_owned(), style),
                _ => return Err(format_error(key_at, "a key must be a string").into()),
            };
            let (event, span) = self.next()?;
            let mut value = self.node(event, span, depth + 1)?;
            value.at = key_at;
            if key == ("<<".to_owned(), ScalarStyle::Plain) {
                merged.push(value);
                continue;
            }
            if map.contains_key(&key.0) {
                self.warnings.push(Warning::duplicate_key(key_at, &key.0));
            }
            map.insert(key.0, value);
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

fn format_error(at: Position, detail: &str) -> Error {
    Error::invalid(at, format!("Template format error: YAML not well-formed. {detail}"))
}
