//! The lines of a template: where a resource stands, and a text for the server that keeps them.

use super::{artifacts, source::Source};
use crate::error::Error;
use std::collections::BTreeMap;
use template::{
    Data, Document, Node, Position, Template, limits,
    packaging::Artifact,
    transform::{self, Inputs},
};

/// The line of each resource, those that the SAM transform makes included.
///
/// A template that the server would refuse is refused here, before anything is built. It is the
/// server that decides where the values of parameters, which an existing stack may keep, matter.
pub(super) fn of_resources(
    source: &Source,
    found: &[Artifact],
    overrides: &BTreeMap<String, String>,
    region: &str,
) -> Result<BTreeMap<String, u32>, Error> {
    let inputs = Inputs { parameters: overrides, region, includes: None };
    let read = artifacts::packaged(&source.document, found)
        .and_then(|document| transform::apply(document, &inputs))
        .and_then(|document| Template::read(&document));
    match read {
        Ok(template) => {
            let lines = template.resources.into_iter().map(|(id, one)| (id, one.at.line));
            Ok(lines.collect())
        }
        Err(_) if needs_kept_values(&source.document, overrides) => Ok(BTreeMap::new()),
        Err(error) => Err(source.error(&error)),
    }
}

/// Whether a parameter has a value that only an existing stack knows.
fn needs_kept_values(document: &Document, overrides: &BTreeMap<String, String>) -> bool {
    let parameters = document.section_map("Parameters").unwrap_or_default();
    parameters.keys().any(|name| !overrides.contains_key(name))
}

/// The document as JSON in which every key stands on the line, and if possible in the column, that it
/// has in the file: so the places in the server's errors are places in the file.
pub(super) fn render(document: &Document) -> String {
    let mut writer = Writer { text: String::new(), line: 1, column: 1 };
    writer.node(document.root());
    if writer.text.len() > limits::TEMPLATE_BYTES { document.to_json_text() } else { writer.text }
}

struct Writer {
    text: String,
    line: u32,
    column: u32,
}

impl Writer {
    fn node(&mut self, node: &Node) {
        match &node.data {
            Data::Map(map) => {
                self.push("{");
                for (index, (key, value)) in map.iter().enumerate() {
                    self.push(if index == 0 { "" } else { "," });
                    self.advance(value.at);
                    self.push(&serde_json::Value::from(key.as_str()).to_string());
                    self.push(":");
                    self.node(value);
                }
                self.push("}");
            }
            Data::List(items) => {
                self.push("[");
                for (index, item) in items.iter().enumerate() {
                    self.push(if index == 0 { "" } else { "," });
                    self.advance(item.at);
                    self.node(item);
                }
                self.push("]");
            }
            _ => self.push(&node.to_json().to_string()),
        }
    }

    /// Goes forward to a place, if it is not behind.
    fn advance(&mut self, at: Position) {
        while self.line < at.line {
            self.text.push('\n');
            self.line += 1;
            self.column = 1;
        }
        while self.line == at.line && self.column < at.column {
            self.push(" ");
        }
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        let count = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        self.column = self.column.saturating_add(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# A comment
Transform: AWS::Serverless-2016-10-31

Parameters:
  Size: {Type: String, Default: '1'}
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Handler: ü.handler
      Runtime: python3.12
      InlineCode: |
        def handler(event, context):
            return 1
      Tags:
        a: \"b\"
        list:
          - x
          - {y: !Sub '${Size}'}
";

    fn places(node: &Node, path: &str, into: &mut Vec<(String, u32)>) {
        into.push((path.to_owned(), node.at.line));
        for (key, child) in node.as_map().into_iter().flatten() {
            places(child, &format!("{path}/{key}"), into);
        }
        for (index, child) in node.as_list().into_iter().flatten().enumerate() {
            places(child, &format!("{path}/{index}"), into);
        }
    }

    #[test]
    fn the_text_for_the_server_keeps_data_and_lines() {
        let document = Document::parse(TEXT).unwrap();
        let again = Document::parse(&render(&document)).unwrap();
        assert_eq!(document.to_json_text(), again.to_json_text());
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for (key, node) in document.root().as_map().unwrap() {
            places(node, key, &mut before);
            places(again.root().get(key).unwrap(), key, &mut after);
        }
        assert_eq!(before, after);
        let column = |document: &Document| {
            document.root().at_path(&["Resources", "Hello", "Properties", "Runtime"]).unwrap().at
        };
        assert_eq!(column(&document), column(&again));
    }

    fn source(text: &str) -> Source {
        Source { path: "t.yaml".into(), document: Document::parse(text).unwrap() }
    }

    #[test]
    fn generated_resources_stand_where_their_function_does() {
        let lines = of_resources(&source(TEXT), &[], &BTreeMap::new(), "us-east-1").unwrap();
        assert_eq!(lines.get("Hello"), Some(&7));
        assert!(lines.get("HelloRole").is_some_and(|line| *line >= 7), "{lines:?}");
    }

    #[test]
    fn what_the_server_would_refuse_is_refused_with_its_line() {
        let text = "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Prperties: {}\n";
        let error = of_resources(&source(text), &[], &BTreeMap::new(), "us-east-1").unwrap_err();
        assert!(error.to_string().starts_with("t.yaml:4:"), "{error}");
    }

    #[test]
    fn the_example_backend_is_a_template_that_can_be_deployed() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/backend");
        let source = Source::read(Some(folder.as_ref())).unwrap();
        let found = artifacts::find(&source, &BTreeMap::new(), false).unwrap();
        assert_eq!(found.len(), 3);
        let lines = of_resources(&source, &found, &BTreeMap::new(), "us-east-1").unwrap();
        for id in
            ["Signup", "SignupUrl", "SignupRole", "Worker", "WorkerWelcome", "Uploads", "Upload"]
        {
            assert!(lines.contains_key(id), "{id}: {lines:?}");
        }
    }
}
