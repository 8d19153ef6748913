//! The resource types that there are.

use service::{Change, ResourceProvider};
use std::{collections::BTreeMap, sync::Arc};

/// How the types of custom resources begin, which people name as they like.
pub(crate) const CUSTOM: &str = "Custom::";
/// The type of custom resources that have no name of their own.
pub(crate) const CUSTOM_RESOURCE: &str = "AWS::CloudFormation::CustomResource";
/// The type of nested stacks.
pub(crate) const NESTED_STACK: &str = "AWS::CloudFormation::Stack";

/// The providers of all services, by resource type.
#[derive(Clone, Default)]
pub(crate) struct Providers(BTreeMap<&'static str, Arc<dyn ResourceProvider>>);

impl Providers {
    pub(crate) fn new(providers: Vec<Arc<dyn ResourceProvider>>) -> Self {
        Self(providers.into_iter().map(|one| (one.resource_type(), one)).collect())
    }

    pub(crate) fn get(&self, kind: &str) -> Option<&Arc<dyn ResourceProvider>> {
        self.0.get(if is_custom(kind) { CUSTOM_RESOURCE } else { kind })
    }
}

/// Whether a type is that of custom resources: at most 60 letters, digits and `_@-` after `Custom::`.
pub(crate) fn is_custom(kind: &str) -> bool {
    const CHARS: usize = 60;
    let named = kind.strip_prefix(CUSTOM).is_some_and(|name| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_@-".contains(c);
        !name.is_empty() && kind.len() <= CHARS && name.chars().all(allowed)
    });
    named || kind == CUSTOM_RESOURCE
}

/// Whether a change of the property makes a new resource necessary.
pub(crate) fn replaces(provider: &dyn ResourceProvider, name: &str) -> bool {
    provider.change(name) == Some(Change::Replace)
}

/// Whether a resource has tags, and with them those of its stack.
pub(crate) fn has_tags(provider: &dyn ResourceProvider) -> bool {
    provider.properties().iter().any(|property| property.name == "Tags")
}
