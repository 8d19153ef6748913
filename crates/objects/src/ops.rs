//! The list of operations. Dispatch, enforcement, documentation and the conformance tests all read
//! this one list.

mod create_bucket;
mod delete_bucket;
mod get_bucket_location;
mod head_bucket;
mod list_buckets;

use crate::Objects;
use service::{AnyOperation, transactional};
use std::sync::Arc;

/// Every operation of the service.
#[must_use]
pub fn operations(objects: &Arc<Objects>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        transactional::<create_bucket::CreateBucket>(objects),
        transactional::<delete_bucket::DeleteBucket>(objects),
        transactional::<get_bucket_location::GetBucketLocation>(objects),
        transactional::<head_bucket::HeadBucket>(objects),
        transactional::<list_buckets::ListBuckets>(objects),
    ]
}
