//! What references in a template refer to.

use crate::{
    model::Incarnation,
    providers::{NESTED_STACK, Providers, is_custom},
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};
use template::{Error, Resolved, Result, Scope, Template};

/// An installation is one zone of its region.
fn zones(region: &str) -> Vec<String> {
    vec![format!("{region}a")]
}

fn no_attribute(resource: &str, attribute: &str) -> Error {
    Error::value(format!(
        "Template error: resource {resource} does not support attribute type {attribute} in \
         Fn::GetAtt"
    ))
}

/// Why a resource does not have an attribute that its type could have.
fn missing(live: &Incarnation, logical_id: &str, attribute: &str) -> Error {
    let id = &live.physical_id;
    match attribute.strip_prefix("Outputs.") {
        Some(output) if live.kind == NESTED_STACK => {
            Error::value(format!("Output '{output}' not found in stack '{id}'"))
        }
        _ if is_custom(&live.kind) => Error::value(format!(
            "CustomResource attribute error: Vendor response doesn't contain {attribute} attribute \
             in object {id}"
        )),
        _ => no_attribute(logical_id, attribute),
    }
}

/// Before anything exists: checks what attributes are asked for, and notes what is imported.
pub(crate) struct Unbuilt<'a> {
    template: &'a Template,
    providers: &'a Providers,
    imports: RefCell<BTreeSet<String>>,
}

impl<'a> Unbuilt<'a> {
    pub(crate) fn new(template: &'a Template, providers: &'a Providers) -> Self {
        Self { template, providers, imports: RefCell::default() }
    }

    /// The exports that were asked for so far.
    pub(crate) fn imports(self) -> BTreeSet<String> {
        self.imports.into_inner()
    }
}

impl Scope for Unbuilt<'_> {
    fn reference(&self, _: &str) -> Result<Resolved> {
        Ok(Resolved::Unknown)
    }

    fn attribute(&self, logical_id: &str, attribute: &str) -> Result<Resolved> {
        let resource = self.template.resources.get(logical_id);
        let provider = resource.and_then(|resource| self.providers.get(&resource.kind));
        match provider {
            // A type that is not there is a problem of its own.
            None => Ok(Resolved::Unknown),
            Some(provider) if provider.has_attribute(attribute) => Ok(Resolved::Unknown),
            Some(_) => Err(no_attribute(logical_id, attribute)),
        }
    }

    fn import(&self, export: &str) -> Result<Resolved> {
        self.imports.borrow_mut().insert(export.to_owned());
        Ok(Resolved::Unknown)
    }

    fn availability_zones(&self, region: &str) -> Result<Vec<String>> {
        Ok(zones(region))
    }
}

/// What exists: some resources, and the exports that the stack imports.
#[derive(Debug, Clone, Default)]
pub(crate) struct Existing {
    resources: BTreeMap<String, Incarnation>,
    exports: BTreeMap<String, String>,
}

impl Existing {
    pub(crate) fn new(exports: BTreeMap<String, String>) -> Self {
        Self { resources: BTreeMap::new(), exports }
    }

    pub(crate) fn insert(&mut self, logical_id: &str, live: &Incarnation) {
        self.resources.insert(logical_id.to_owned(), live.clone());
    }
}

impl Scope for Existing {
    fn reference(&self, logical_id: &str) -> Result<Resolved> {
        Ok(match self.resources.get(logical_id) {
            Some(live) => Resolved::Value(live.physical_id.as_str().into()),
            None => Resolved::Unknown,
        })
    }

    fn attribute(&self, logical_id: &str, attribute: &str) -> Result<Resolved> {
        let Some(live) = self.resources.get(logical_id) else { return Ok(Resolved::Unknown) };
        let value = live.attributes.get(attribute).cloned();
        value.map(Resolved::Value).ok_or_else(|| missing(live, logical_id, attribute))
    }

    fn import(&self, export: &str) -> Result<Resolved> {
        let value = self.exports.get(export).cloned();
        let missing = || Error::value(format!("No export named {export} found."));
        value.map(|value| Resolved::Value(value.into())).ok_or_else(missing)
    }

    fn availability_zones(&self, region: &str) -> Result<Vec<String>> {
        Ok(zones(region))
    }
}
