//! JSON text to a tree. `serde_json` reads the strings and numbers; the structure is read here,
//! because only so every value keeps its place.

use crate::error::{Error, Position, Result, Warning};
use crate::limits;
use crate::node::{Data, Map, Node};

/// Reads one JSON document.
pub(crate) fn parse(text: &str) -> Result<(Node, Vec<Warning>)> {
    let warnings = Vec::new();
    let mut reader = Reader { text, offset: 0, line: 1, line_start: 0, nodes: 0, warnings };
    let node = reader.value(0)?;
    reader.space();
    if reader.offset < text.len() {
        return Err(reader.error("text follows the template"));
    }
    Ok((node, reader.warnings))
}

struct Reader<'t> {
    text: &'t str,
    offset: usize,
    line: u32,
    line_start: usize,
    nodes: usize,
    warnings: Vec<Warning>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.offset).copied()
    }

    fn space(&mut self) {
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.peek() {
            self.offset += 1;
            if byte == b'\n' {
                self.line += 1;
                self.line_start = self.offset;
            }
        }
    }

    fn position(&self) -> Position {
        let column = self.text[self.line_start..self.offset].chars().count() + 1;
        Position { line: self.line, column: u32::try_from(column).unwrap_or(u32::MAX) }
    }

    fn error(&self, detail: &str) -> Error {
        let message = format!("Template format error: JSON not well-formed. {detail}");
        Error::invalid(self.position(), message)
    }

    fn expect(&mut self, byte: u8) -> Result<()> {
        self.space();
        if self.peek() != Some(byte) {
            return Err(self.error(&format!("expected '{}'", char::from(byte))));
        }
        self.offset += 1;
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<Node> {
        self.space();
        let at = self.position();
        self.nodes += 1;
        if depth > limits::DEPTH || self.nodes > limits::NODES {
            let message = "Template format error: the template is nested too deeply or too large";
            return Err(Error::limit(at, message));
        }
        let data = match self.peek() {
            Some(b'{') => self.map(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Data::String(self.string()?),
            _ => self.word()?,
        };
        Ok(Node { data, at })
    }

    fn map(&mut self, depth: usize) -> Result<Data> {
        let mut map = Map::new();
        self.expect(b'{')?;
        self.space();
        if self.peek() == Some(b'}') {
            self.offset += 1;
            return Ok(Data::Map(map));
        }
        loop {
            self.space();
            let at = self.position();
            let key = self.string()?;
            self.expect(b':')?;
            let mut value = self.value(depth + 1)?;
            value.at = at;
            if map.contains_key(&key) {
                self.warnings.push(Warning::duplicate_key(at, &key));
            }
            map.insert(key, value);
            if !self.more(b'}')? {
                return Ok(Data::Map(map));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Data> {
        let mut items = Vec::new();
        self.expect(b'[')?;
        self.space();
        if self.peek() == Some(b']') {
            self.offset += 1;
            return Ok(Data::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if !self.more(b']')? {
                return Ok(Data::List(items));
            }
        }
    }

    /// Reads a comma (true) or the closing character (false).
    fn more(&mut self, close: u8) -> Result<bool> {
        self.space();
        match self.peek() {
            Some(b',') => {
                self.offset += 1;
                Ok(true)
            }
            Some(byte) if byte == close => {
                self.offset += 1;
                Ok(false)
            }
            _ => Err(self.error(&format!("expected ',' or '{}'", char::from(close)))),
        }
    }

    fn string(&mut self) -> Result<String> {
        let rest = &self.text[self.offset..];
        if !rest.starts_with('"') {
            return Err(self.error("expected a string"));
        }
        let mut escaped = false;
        let end = rest.bytes().enumerate().skip(1).find_map(|(index, byte)| match byte {
            _ if std::mem::take(&mut escaped) => None,
            b'\\' => {
                escaped = true;
                None
            }
            b'"' => Some(index + 1),
            _ => None,
        });
        let Some(end) = end else { return Err(self.error("a string does not end")) };
        let text =
            serde_json::from_str(&rest[..end]).map_err(|_| self.error("a string is malformed"))?;
        self.offset += end;
        Ok(text)
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Result<Data> {
        let rest = &self.text[self.offset..];
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))
            .unwrap_or(rest.len());
        let data = match &rest[..end] {
            "null" => Data::Null,
            "true" => Data::Bool(true),
            "false" => Data::Bool(false),
            number => Data::Number(
                serde_json::from_str(number).map_err(|_| self.error("expected a value"))?,
            ),
        };
        self.offset += end;
        Ok(data)
    }
}
