//! References that SAM rewrites: logical ids that changed (layers), and `Function.Alias` and its like.

use std::collections::BTreeMap;

use crate::node::{Data, Node};
use crate::substitution::{self, Piece};

/// Rewrites a whole template.
pub(super) fn rewrite(
    node: &mut Node,
    renamed: &BTreeMap<String, String>,
    referable: &BTreeMap<(String, String), String>,
) {
    if renamed.is_empty() && referable.is_empty() {
        return;
    }
    let rewriter = Rewriter { renamed, referable };
    rewriter.depends_on(node);
    rewriter.node(node);
}

struct Rewriter<'m> {
    renamed: &'m BTreeMap<String, String>,
    referable: &'m BTreeMap<(String, String), String>,
}

impl Rewriter<'_> {
    fn depends_on(&self, root: &mut Node) {
        let resources = root.as_map_mut().and_then(|map| map.get_mut("Resources"));
        for resource in
            resources.and_then(Node::as_map_mut).into_iter().flat_map(|map| map.values_mut())
        {
            let Some(depends_on) = resource.as_map_mut().and_then(|map| map.get_mut("DependsOn"))
            else {
                continue;
            };
            match &mut depends_on.data {
                Data::String(name) => self.rename(name),
                Data::List(items) => {
                    for item in items {
                        if let Data::String(name) = &mut item.data {
                            self.rename(name);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn rename(&self, name: &mut String) {
        if let Some(new) = self.renamed.get(name) {
            name.clone_from(new);
        }
    }

    fn node(&self, node: &mut Node) {
        match &mut node.data {
            Data::List(items) => items.iter_mut().for_each(|item| self.node(item)),
            Data::Map(map) => {
                if map.len() == 1
                    && let Some((name, argument)) = map.first_mut()
                {
                    match name.as_str() {
                        "Ref" => self.text(argument, |text| self.name(text)),
                        "Fn::GetAtt" => self.get_att(argument),
                        "Fn::Sub" => match &mut argument.data {
                            Data::List(items) => {
                                if let Some(first) = items.first_mut() {
                                    self.text(first, |text| self.sub(text));
                                }
                            }
                            _ => self.text(argument, |text| self.sub(text)),
                        },
                        _ => {}
                    }
                }
                map.values_mut().for_each(|value| self.node(value));
            }
            _ => {}
        }
    }

    fn text(&self, node: &mut Node, change: impl Fn(&str) -> Option<String>) {
        if let Data::String(text) = &mut node.data
            && let Some(new) = change(text)
        {
            *text = new;
        }
    }

    /// The new form of `Id` or `Id.Property`, with whatever follows.
    fn name(&self, text: &str) -> Option<String> {
        let mut parts = text.splitn(3, '.');
        let id = parts.next()?;
        let property = parts.next();
        if let Some(property) = property
            && let Some(new) = self.referable.get(&(id.to_owned(), property.to_owned()))
        {
            let rest = parts.next().map(|rest| format!(".{rest}")).unwrap_or_default();
            return Some(format!("{new}{rest}"));
        }
        let new = self.renamed.get(id)?;
        Some(format!("{new}{}", &text[id.len()..]))
    }

    fn get_att(&self, argument: &mut Node) {
        let Data::List(items) = &mut argument.data else { return };
        let texts: Option<Vec<&str>> = items.iter().map(Node::as_str).collect();
        let Some(new) = texts.and_then(|texts| self.name(&texts.join("."))) else { return };
        let at = argument.at;
        if let Some((id, attribute)) = new.split_once('.') {
            *items = vec![Node::text(at, id), Node::text(at, attribute)];
        }
    }

    fn sub(&self, text: &str) -> Option<String> {
        let mut result = text.to_owned();
        for piece in substitution::pieces(text) {
            let Piece::Variable(name) = piece else { continue };
            if let Some(new) = self.name(&name) {
                result = result.replace(&format!("${{{name}}}"), &format!("${{{new}}}"));
            }
        }
        Some(result)
    }
}
