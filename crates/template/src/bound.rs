//! A template with the values of its parameters: what can be evaluated.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::Value;

use crate::dynamic;
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::intrinsics::{Conditions, Evaluator};
use crate::node::Node;
use crate::pseudo::{self, Pseudo};
use crate::references::{self, Reference};
use crate::scope::{Evaluated, Scope};
use crate::sections::{Output, Resource, Template};

/// A template whose parameters have values and whose conditions are decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    template: Template,
    /// Parameters and pseudo parameters.
    values: BTreeMap<String, Value>,
    conditions: BTreeMap<String, bool>,
    /// The values of dynamic references, by the names behind `ssm:`; `None` before they are looked
    /// up.
    resolved: Option<BTreeMap<String, String>>,
}

impl Bound {
    /// Gives every parameter its value (what is given, else its default) and decides the conditions.
    ///
    /// # Errors
    /// A parameter without value, an unknown one, a value that does not meet its constraints, a
    /// condition that cannot be decided. The messages are CloudFormation's.
    pub fn new(
        template: Template,
        given: &BTreeMap<String, String>,
        pseudo: &Pseudo,
    ) -> Result<Self> {
        let mut values = parameter_values(&template, given)?;
        for name in pseudo::NAMES {
            values.extend(pseudo.get(name).map(|value| (name.to_owned(), value)));
        }
        let conditions = Conditions::evaluate(&template, &values)?;
        Ok(Self { template, values, conditions, resolved: None })
    }

    /// Gives the dynamic references to Systems Manager their values, by the names behind `ssm:`.
    /// Without this, each of them is unknown, as [`UNKNOWN_REFERENCE`] and that name.
    ///
    /// [`UNKNOWN_REFERENCE`]: crate::UNKNOWN_REFERENCE
    pub fn resolve(&mut self, values: BTreeMap<String, String>) {
        self.resolved = Some(values);
    }

    /// The template.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// The value of a parameter or pseudo parameter.
    pub fn parameter(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// Whether a condition is met; none is.
    pub fn is_met(&self, condition: Option<&str>) -> bool {
        condition.is_none_or(|name| self.conditions.get(name) == Some(&true))
    }

    /// The resources whose condition is met, by logical id.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &Resource)> {
        let all = self.template.resources.iter().map(|(id, resource)| (id.as_str(), resource));
        all.filter(|(_, resource)| self.is_met(resource.condition.as_deref()))
    }

    /// The outputs whose condition is met, by name.
    pub fn outputs(&self) -> impl Iterator<Item = (&str, &Output)> {
        let all = self.template.outputs.iter().map(|(name, output)| (name.as_str(), output));
        all.filter(|(_, output)| self.is_met(output.condition.as_deref()))
    }

    /// The resources and what each needs, by reference or `DependsOn`.
    ///
    /// # Errors
    /// A circle, or a reference to a resource whose condition is not met.
    pub fn graph(&self) -> Result<Graph> {
        let mut needs = BTreeMap::new();
        for (id, resource) in self.resources() {
            let mut needed = BTreeSet::new();
            for (name, _) in &resource.depends_on {
                if self.exists(name) {
                    needed.insert(name.clone());
                }
            }
            for node in resource.properties.values() {
                needed.extend(self.needs(node, "Resources")?);
            }
            needs.insert(id.to_owned(), needed);
        }
        for (_, output) in self.outputs() {
            self.needs(&output.value, "Outputs")?;
        }
        Graph::new(needs, |id| self.template.resources.get(id).map(|resource| resource.at))
    }

    fn exists(&self, id: &str) -> bool {
        let resource = self.template.resources.get(id);
        resource.is_some_and(|resource| self.is_met(resource.condition.as_deref()))
    }

    fn needs(&self, node: &Node, block: &str) -> Result<BTreeSet<String>> {
        let mut needed = BTreeSet::new();
        let mut missing = Vec::new();
        let choose = |name: &str| self.conditions.get(name).copied();
        references::walk(node, &choose, &mut |at, reference| {
            let (Reference::Name(id) | Reference::Attribute(id, _)) = reference else { return };
            if self.values.contains_key(id) || id == "AWS::NoValue" {
            } else if self.exists(id) {
                needed.insert(id.to_owned());
            } else {
                missing.push((id.to_owned(), at));
            }
        })?;
        match missing.first() {
            None => Ok(needed),
            Some((_, at)) => {
                let at = *at;
                Err(references::unresolved(at, missing.into_iter().map(|(id, _)| id), block))
            }
        }
    }

    /// The value of a tree; `null` when it is `AWS::NoValue`.
    ///
    /// # Errors
    /// A function with wrong arguments, or an error of the scope.
    pub fn evaluate(&self, node: &Node, scope: &dyn Scope) -> Result<Evaluated> {
        let evaluated = self.evaluate_optional(node, scope)?;
        Ok(evaluated.unwrap_or(Evaluated { value: Value::Null, unknown: Vec::new() }))
    }

    /// The value of every property of a resource, those that are `AWS::NoValue` left out.
    ///
    /// # Errors
    /// As [`Bound::evaluate`], and no such resource.
    pub fn properties(&self, id: &str, scope: &dyn Scope) -> Result<IndexMap<String, Evaluated>> {
        let resource =
            self.template.resources.get(id).ok_or_else(|| {
                Error::value(format!("Resource {id} does not exist in the template"))
            })?;
        let mut values = IndexMap::new();
        for (name, node) in &resource.properties {
            if let Some(value) = self.evaluate_optional(node, scope)? {
                values.insert(name.clone(), value);
            }
        }
        Ok(values)
    }

    fn evaluate_optional(&self, node: &Node, scope: &dyn Scope) -> Result<Option<Evaluated>> {
        let mut evaluator = Evaluator {
            template: &self.template,
            values: &self.values,
            conditions: &self.conditions,
            scope,
            unknown: BTreeSet::new(),
            unknown_count: 0,
        };
        let value = evaluator.optional(node)?;
        let mut unknown = evaluator.unknown;
        let value =
            value.map(|value| dynamic::resolve(value, self.resolved.as_ref(), &mut unknown));
        let value = value.transpose().map_err(|error| Error { at: Some(node.at), ..error })?;
        let unknown = unknown.into_iter().collect();
        Ok(value.map(|value| Evaluated { value, unknown }))
    }
}

fn parameter_values(
    template: &Template,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Value>> {
    let list =
        |names: Vec<&String>| names.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let unknown: Vec<_> =
        given.keys().filter(|name| !template.parameters.contains_key(*name)).collect();
    if !unknown.is_empty() {
        let message = format!("Parameters: [{}] do not exist in the template", list(unknown));
        return Err(Error::value(message));
    }
    let missing: Vec<_> = template
        .parameters
        .iter()
        .filter(|(name, parameter)| parameter.default.is_none() && !given.contains_key(*name))
        .map(|(name, _)| name)
        .collect();
    if !missing.is_empty() {
        return Err(Error::value(format!("Parameters: [{}] must have values", list(missing))));
    }
    template
        .parameters
        .iter()
        .map(|(name, parameter)| {
            let text = given.get(name).or(parameter.default.as_ref());
            let text = text.map(String::as_str).unwrap_or_default();
            Ok((name.clone(), parameter.value(name, text)?))
        })
        .collect()
}
