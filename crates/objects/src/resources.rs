//! The CloudFormation resource types of buckets: `AWS::S3::Bucket` and `AWS::S3::BucketPolicy`.

mod bucket;
mod bucket_policy;
mod documents;
mod lifecycle;
mod names;

use crate::Objects;
use service::ResourceProvider;
use std::sync::Arc;

/// All of them.
pub(crate) fn providers(objects: &Arc<Objects>) -> Vec<Arc<dyn ResourceProvider>> {
    vec![Arc::new(bucket::Bucket::new(objects)), Arc::new(bucket_policy::BucketPolicy)]
}
