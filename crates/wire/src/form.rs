//! Form parameters as a tree: `Entry.1.Id=a` is `Entry` → `1` → `Id`.

use percent_encoding::percent_decode_str;
use std::{borrow::Cow, collections::BTreeMap};

/// More parameters than any operation takes.
const MAX_PARAMETERS: usize = 10_000;
/// Deeper than any operation nests.
const MAX_DEPTH: usize = 32;

/// A node of the tree.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Form {
    pub(crate) value: Option<String>,
    pub(crate) children: BTreeMap<String, Form>,
}

impl Form {
    /// Reads `application/x-www-form-urlencoded` text; `None` if it is out of bounds or not UTF-8.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut root = Self::default();
        for (count, pair) in text.split('&').filter(|pair| !pair.is_empty()).enumerate() {
            if count == MAX_PARAMETERS {
                return None;
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            root.insert(&decode(name)?, decode(value)?.into_owned())?;
        }
        Some(root)
    }

    fn insert(&mut self, name: &str, value: String) -> Option<()> {
        let mut node = self;
        for (depth, part) in name.split('.').enumerate() {
            if depth == MAX_DEPTH {
                return None;
            }
            node = node.children.entry(part.to_owned()).or_default();
        }
        node.value = Some(value);
        Some(())
    }

    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.get(name)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.child(name)?.value.as_deref()
    }

    /// The numbered children in the order of their numbers.
    pub(crate) fn numbered(&self) -> Vec<&Self> {
        let mut numbered: Vec<(u64, &Self)> = self
            .children
            .iter()
            .filter_map(|(name, child)| Some((name.parse().ok()?, child)))
            .collect();
        numbered.sort_by_key(|(number, _)| *number);
        numbered.into_iter().map(|(_, child)| child).collect()
    }
}

fn decode(text: &str) -> Option<Cow<'_, str>> {
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return Some(Cow::Owned(percent_decode_str(&spaced).decode_utf8().ok()?.into_owned()));
    }
    percent_decode_str(text).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_become_a_tree() {
        let form = Form::parse("Action=X&E.2.Id=b&E.1.Id=a%20+c&E.10.Id=d").unwrap();
        assert_eq!(form.text("Action"), Some("X"));
        let ids: Vec<_> =
            form.child("E").unwrap().numbered().iter().map(|e| e.text("Id").unwrap()).collect();
        assert_eq!(ids, ["a  c", "b", "d"]);
    }

    #[test]
    fn a_form_out_of_bounds_is_refused() {
        assert!(Form::parse(&format!("{}=1", vec!["a"; 40].join("."))).is_none());
        assert!(Form::parse(&"a=1&".repeat(10_001)).is_none());
        assert!(Form::parse("a=%ff").is_none());
    }
}
