//! The CloudFormation resource types of objects.

mod bucket;

use service::ResourceProvider;
use std::sync::Arc;

/// All of them.
pub(crate) fn providers() -> Vec<Arc<dyn ResourceProvider>> {
    vec![Arc::new(bucket::BucketResource)]
}
