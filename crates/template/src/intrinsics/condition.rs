//! Condition functions, and `Fn::If` that uses them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Evaluator, template_error};
use crate::error::{Error, Result};
use crate::node::Node;
use crate::references;
use crate::scope::{Resolved, Scope};
use crate::sections::Template;

impl Evaluator<'_> {
    pub(super) fn choose(&mut self, node: &Node, argument: &Node) -> Result<Option<Value>> {
        let [condition, then, otherwise] = references::if_parts(node, argument)?;
        let name = condition.as_str().unwrap_or_default();
        let met = self.conditions.get(name).ok_or_else(|| {
            template_error(node.at, format!("unresolved condition dependency {name} in Fn::If"))
        })?;
        self.optional(if *met { then } else { otherwise })
    }
}

/// Evaluates the conditions section.
pub(crate) struct Conditions<'a> {
    template: &'a Template,
    values: &'a BTreeMap<String, Value>,
    met: BTreeMap<String, bool>,
    /// The conditions under evaluation, to find a cycle.
    open: BTreeSet<String>,
    /// Whether the functions that only rules have can be used.
    in_rules: bool,
}

impl<'a> Conditions<'a> {
    /// The value of every condition.
    pub(crate) fn evaluate(
        template: &'a Template,
        values: &'a BTreeMap<String, Value>,
    ) -> Result<BTreeMap<String, bool>> {
        let mut conditions =
            Self { template, values, met: BTreeMap::new(), open: BTreeSet::new(), in_rules: false };
        conditions.rules()?;
        for (name, node) in &template.conditions {
            conditions.named(name, node)?;
        }
        Ok(conditions.met)
    }

    /// Checks that the values meet the rules.
    fn rules(&mut self) -> Result<()> {
        self.in_rules = true;
        for (name, rule) in &self.template.rules {
            if let Some(condition) = &rule.condition
                && !self.function(condition)?
            {
                continue;
            }
            for (assertion, said) in &rule.assertions {
                if !self.function(assertion)? {
                    let said = said.as_deref().unwrap_or("an assertion does not hold");
                    return Err(template_error(assertion.at, format!("rule {name}: {said}")));
                }
            }
        }
        self.in_rules = false;
        Ok(())
    }

    fn named(&mut self, name: &str, place: &Node) -> Result<bool> {
        if let Some(met) = self.met.get(name) {
            return Ok(*met);
        }
        let template = self.template;
        let Some(node) = template.conditions.get(name) else {
            let message = format!(
                "Template format error: Unresolved condition dependency {name} in the Conditions block of the template"
            );
            return Err(Error::invalid(place.at, message));
        };
        if !self.open.insert(name.to_owned()) {
            let message = format!("Template error: Found circular condition dependency: {name}");
            return Err(Error::invalid(node.at, message));
        }
        let met = self.function(node)?;
        self.open.remove(name);
        self.met.insert(name.to_owned(), met);
        Ok(met)
    }

    fn function(&mut self, node: &Node) -> Result<bool> {
        let Some((name, argument)) = node.intrinsic() else {
            return Err(template_error(node.at, "a condition must be a function"));
        };
        let items = argument.as_list().unwrap_or_default();
        match name {
            "Condition" if !self.in_rules => {
                self.named(argument.as_str().unwrap_or_default(), node)
            }
            "Fn::And" | "Fn::Or" if (2..=10).contains(&items.len()) => {
                let met = self.all(items)?;
                Ok(if name == "Fn::And" { !met.contains(&false) } else { met.contains(&true) })
            }
            "Fn::Not" if items.len() == 1 => Ok(!self.function(&items[0])?),
            "Fn::Equals" if items.len() == 2 => self.equals(&items[0], &items[1]),
            "Fn::Contains" | "Fn::EachMemberIn" if self.in_rules && items.len() == 2 => {
                let (one, other) = (self.texts(&items[0])?, self.texts(&items[1])?);
                // The list comes first in the one, and second in the other.
                let (list, wanted) =
                    if name == "Fn::Contains" { (one, other) } else { (other, one) };
                Ok(wanted.iter().all(|text| list.contains(text)))
            }
            "Fn::EachMemberEquals" if self.in_rules && items.len() == 2 => {
                let (list, wanted) = (self.texts(&items[0])?, self.texts(&items[1])?);
                Ok(list.iter().all(|text| wanted == [text.clone()]))
            }
            "Fn::And" | "Fn::Or" => {
                let message = format!(
                    "every {name} object requires a list of at least 2 and at most 10 boolean parameters."
                );
                Err(template_error(node.at, message))
            }
            "Fn::Not" => {
                Err(template_error(node.at, "every Fn::Not object requires one boolean parameter."))
            }
            "Fn::Equals" => Err(template_error(
                node.at,
                "every Fn::Equals object requires a list of 2 string parameters.",
            )),
            other => Err(Error::refused(node.at, format!("The function {other} as a condition"))),
        }
    }

    fn all(&mut self, items: &[Node]) -> Result<Vec<bool>> {
        items.iter().map(|item| self.function(item)).collect()
    }

    fn equals(&mut self, left: &Node, right: &Node) -> Result<bool> {
        let text = |value: Value| super::scalar(&value).map_or(value, Value::String);
        Ok(text(self.value(left)?) == text(self.value(right)?))
    }

    fn value(&self, node: &Node) -> Result<Value> {
        let mut evaluator = Evaluator {
            template: self.template,
            values: self.values,
            conditions: &self.met,
            scope: &NoResources(node),
            unknown: BTreeSet::new(),
            unknown_count: 0,
        };
        evaluator.value(node)
    }

    /// A list of texts; a text is a list of one.
    fn texts(&self, node: &Node) -> Result<Vec<String>> {
        let text = |value: &Value| {
            let malformed = || template_error(node.at, "a rule compares strings and lists of them");
            super::scalar(value).ok_or_else(malformed)
        };
        match self.value(node)? {
            Value::Array(items) => items.iter().map(text).collect(),
            value => Ok(vec![text(&value)?]),
        }
    }
}

/// The scope of a condition: it may not refer to resources.
struct NoResources<'a>(&'a Node);

impl NoResources<'_> {
    fn refuse<T>(&self, name: &str) -> Result<T> {
        let message = format!(
            "Template format error: Unresolved dependencies [{name}]. Cannot reference resources in the Conditions block of the template"
        );
        Err(Error::invalid(self.0.at, message))
    }
}

impl Scope for NoResources<'_> {
    fn reference(&self, logical_id: &str) -> Result<Resolved> {
        self.refuse(logical_id)
    }

    fn attribute(&self, logical_id: &str, _attribute: &str) -> Result<Resolved> {
        self.refuse(logical_id)
    }

    fn import(&self, export: &str) -> Result<Resolved> {
        self.refuse(export)
    }

    fn availability_zones(&self, region: &str) -> Result<Vec<String>> {
        self.refuse(region)
    }
}
