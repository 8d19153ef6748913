//! The resource types that there are.

use service::{Change, Property, ResourceProvider};
use std::{collections::BTreeMap, sync::Arc};

/// The providers of all services, by resource type.
#[derive(Clone, Default)]
pub(crate) struct Providers(BTreeMap<&'static str, Arc<dyn ResourceProvider>>);

impl Providers {
    pub(crate) fn new(providers: Vec<Arc<dyn ResourceProvider>>) -> Self {
        Self(providers.into_iter().map(|one| (one.resource_type(), one)).collect())
    }

    pub(crate) fn get(&self, kind: &str) -> Option<&Arc<dyn ResourceProvider>> {
        self.0.get(kind)
    }
}

/// The property of a name, if the type has it.
pub(crate) fn property(provider: &dyn ResourceProvider, name: &str) -> Option<&'static Property> {
    provider.properties().iter().find(|property| property.name == name)
}

/// Whether a change of the property makes a new resource necessary.
pub(crate) fn replaces(provider: &dyn ResourceProvider, name: &str) -> bool {
    property(provider, name).is_some_and(|property| property.change == Change::Replace)
}
