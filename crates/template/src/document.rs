//! The text of a template as a tree.

use crate::error::{Error, Position, Result, Warning};
use crate::limits;
use crate::node::{Map, Node};
use crate::{json, yaml};

/// A parsed template text: the root map, transforms not yet applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    root: Node,
    warnings: Vec<Warning>,
}

impl Document {
    /// Reads a template in YAML or JSON.
    ///
    /// # Errors
    /// Text that is not well formed, is no map, or exceeds a limit. A duplicate key is a warning.
    pub fn parse(text: &str) -> Result<Self> {
        let start = Position { line: 1, column: 1 };
        if text.len() > limits::TEMPLATE_BYTES {
            let max = limits::TEMPLATE_BYTES;
            let message = format!("Template may not exceed {max} bytes in size.");
            return Err(Error::limit(start, message));
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (root, warnings) = if text.trim_start().starts_with('{') {
            // A YAML flow map looks like JSON; the error about JSON is the better one.
            json::parse(text).or_else(|error| yaml::parse(text).map_err(|_| error))?
        } else {
            yaml::parse(text)?
        };
        Ok(Self { warnings, ..Self::from_root(root)? })
    }

    /// A document from a tree that was built otherwise.
    ///
    /// # Errors
    /// The root is no map.
    pub fn from_root(root: Node) -> Result<Self> {
        if root.as_map().is_none() {
            return Err(Error::invalid(root.at, "Template format error: unsupported structure."));
        }
        Ok(Self { root, warnings: Vec::new() })
    }

    /// What is strange in the text, in its order. Transforms keep the warnings.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The root map.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The root map, to be changed. A caller that replaces it by something else than a map makes the
    /// later stages refuse the document.
    pub fn root_mut(&mut self) -> &mut Node {
        &mut self.root
    }

    /// A section such as `Resources`.
    pub fn section(&self, name: &str) -> Option<&Node> {
        self.root.get(name)
    }

    /// A section as a map; empty when it is missing.
    ///
    /// # Errors
    /// The section is not a map.
    pub fn section_map(&self, name: &str) -> Result<Map> {
        match self.section(name) {
            None => Ok(Map::new()),
            Some(node) => node.as_map().cloned().ok_or_else(|| {
                let message = format!("Template format error: {name} must be an object.");
                Error::invalid(node.at, message)
            }),
        }
    }

    /// The declared transforms with their places.
    ///
    /// # Errors
    /// The section is neither a string nor a list of strings.
    pub fn transforms(&self) -> Result<Vec<(String, Position)>> {
        let Some(node) = self.section("Transform") else { return Ok(Vec::new()) };
        let items = node.as_list().unwrap_or(std::slice::from_ref(node));
        items
            .iter()
            .map(|item| match item.as_str() {
                Some(name) => Ok((name.to_owned(), item.at)),
                None if item.get("Name").is_some() => {
                    let name = item.get("Name").and_then(Node::as_str).unwrap_or_default();
                    Err(Error::refused(item.at, format!("The transform {name} with parameters")))
                }
                None => Err(Error::invalid(item.at, "Template format error: Invalid Transform")),
            })
            .collect()
    }

    /// The whole document as JSON text.
    pub fn to_json_text(&self) -> String {
        self.root.to_json().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn root(text: &str) -> serde_json::Value {
        Document::parse(text).unwrap().root.to_json()
    }

    #[test]
    fn short_forms_become_long_forms() {
        let text = "A: !Ref X\nB: !GetAtt R.Outputs.V\nC: !Sub ['${a}', {a: !Select [0, !GetAZs '']}]\n\
                    D: !If [Yes, !Ref AWS::NoValue, 1]\nE: !Base64\n  Fn::Sub: text\nF: !Condition C\nG: !Ref 123\n";
        assert_eq!(
            root(text),
            json!({"A": {"Ref": "X"}, "B": {"Fn::GetAtt": ["R", "Outputs.V"]},
                "C": {"Fn::Sub": ["${a}", {"a": {"Fn::Select": [0, {"Fn::GetAZs": ""}]}}]},
                "D": {"Fn::If": [true, {"Ref": "AWS::NoValue"}, 1]},
                "E": {"Fn::Base64": {"Fn::Sub": "text"}}, "F": {"Condition": "C"}, "G": {"Ref": "123"}})
        );
    }

    #[test]
    fn every_entry_has_the_position_of_its_key() {
        let yaml = Document::parse("# c\nResources:\n  Q:\n    Type: T\n").unwrap();
        let queue = yaml.root().at_path(&["Resources", "Q"]).unwrap();
        assert_eq!((queue.at.line, queue.at.column), (3, 3));
        let json = Document::parse("{\n \"Resources\": {\n  \"Q\": {\"Type\": \"T\"}}}").unwrap();
        let kind = json.root().at_path(&["Resources", "Q", "Type"]).unwrap();
        assert_eq!((kind.at.line, kind.at.column), (3, 9));
    }

    #[test]
    fn of_a_duplicate_key_the_last_counts_and_its_line_is_in_the_warnings() {
        for text in ["A: 1\nB: 2\nA: 3\n", "{\"A\": 1,\n\"B\": 2,\n\"A\": 3}"] {
            let document = Document::parse(text).unwrap();
            assert_eq!(document.root().to_json(), json!({"A": 3, "B": 2}));
            let warnings: Vec<_> = document.warnings().iter().map(ToString::to_string).collect();
            assert_eq!(warnings, ["duplicate key 'A': the last one counts (line 3, column 1)"]);
        }
    }

    #[test]
    fn aliases_and_merge_keys_are_expanded() {
        let text = "Base: &b {x: 1, y: 2}\nCopy: *b\nMore: {<<: *b, y: 3}\n";
        let expected =
            json!({"Base": {"x": 1, "y": 2}, "Copy": {"x": 1, "y": 2}, "More": {"x": 1, "y": 3}});
        assert_eq!(root(text), expected);
    }

    #[test]
    fn a_bracket_may_close_at_the_column_of_its_key() {
        let text = "A:\n  B: [\n    1,\n  2\n  ]\n  C: {\n\"x\": !Ref Y,\n  z: 1\n  }\n  D: 4\n";
        let document = Document::parse(text).unwrap();
        let expected = json!({"A": {"B": [1, 2], "C": {"x": {"Ref": "Y"}, "z": 1}, "D": 4}});
        assert_eq!(document.root.to_json(), expected);
        let x = document.root().at_path(&["A", "C", "x"]).unwrap();
        assert_eq!((x.at.line, x.at.column), (7, 1));
        let bad = Document::parse("A:\n  B: [\n  1\n C: 2\n").unwrap_err();
        assert!(bad.message.contains("YAML not well-formed"), "{bad}");
    }

    #[test]
    fn an_alias_bomb_ends_at_the_limit() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let refs = vec![format!("*a{}", level - 1); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{refs}]\n"));
        }
        assert_eq!(Document::parse(&text).unwrap_err().kind, crate::Kind::Limit);
    }

    #[test]
    fn deep_nesting_ends_at_the_limit_and_not_on_the_stack() {
        for text in
            [format!("A: {}", "[".repeat(50_000)), format!("{{\"A\": {}", "[".repeat(50_000))]
        {
            assert!(Document::parse(&text).is_err());
        }
    }

    #[test]
    fn a_template_that_is_too_long_is_refused() {
        let text = format!("Description: {}", "x".repeat(limits::TEMPLATE_BYTES));
        assert_eq!(Document::parse(&text).unwrap_err().kind, crate::Kind::Limit);
    }

    #[test]
    fn json_escapes_and_numbers_are_read() {
        let text = r#"{"A": "\ud83d\ude00\/", "B": [1, -2.5, true, null]}"#;
        assert_eq!(root(text), json!({"A": "😀/", "B": [1, -2.5, true, null]}));
        for bad in ["{\"A\" 1}", "{\"A\": 1,}", "{\"A\": \"x}", "[1]", "", "text", "{} {}"] {
            let error = Document::parse(bad).err();
            assert!(error.is_some() || bad == "{\"A\": 1,}", "{bad}");
        }
    }
}
