//! Writes a model with one operation or shape per line, so that a diff shows what changed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;

use super::{refused::Refused, source::Model};

/// The text of a model file.
pub(crate) fn render(model: &Model, refused: &Refused) -> Result<String> {
    let mut text = String::from("{\n");
    let mut sections = vec![
        ("metadata", lines(&model.metadata)?),
        ("operations", lines(&model.operations)?),
        ("shapes", lines(&model.shapes)?),
    ];
    if !refused.is_empty() {
        sections.push(("refused", lines(refused)?));
    }
    let section = |(name, lines)| format!("\"{name}\": {{\n{lines}\n}}");
    let sections: Vec<String> = sections.into_iter().map(section).collect();
    writeln!(text, "{}\n}}", sections.join(",\n"))?;
    Ok(text)
}

fn lines<T: Serialize>(entries: &BTreeMap<String, T>) -> Result<String> {
    let lines: Result<Vec<_>, serde_json::Error> = entries
        .iter()
        .map(|(name, value)| Ok(format!("  \"{name}\": {}", serde_json::to_string(value)?)))
        .collect();
    Ok(lines?.join(",\n"))
}
