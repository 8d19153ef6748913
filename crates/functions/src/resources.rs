//! The CloudFormation resource types of functions.

mod alias;
mod concurrency;
mod function;
mod invoke_config;
mod layer;
mod mapping;
mod permission;
mod provisioned;
mod recursion;
mod repository;
mod url;
mod values;
mod version;

use service::ResourceProvider;
use std::sync::Arc;

/// All of them.
pub(crate) fn providers() -> Vec<Arc<dyn ResourceProvider>> {
    vec![
        Arc::new(alias::Alias),
        Arc::new(function::Function),
        Arc::new(invoke_config::EventInvokeConfig),
        Arc::new(layer::LayerVersion),
        Arc::new(mapping::EventSourceMapping),
        Arc::new(permission::Permission),
        Arc::new(repository::Repository),
        Arc::new(url::Url),
        Arc::new(version::Version),
    ]
}
