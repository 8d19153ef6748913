//! The CloudFormation resource types of queues: `AWS::SQS::Queue` and `AWS::SQS::QueuePolicy`.

mod queue;
mod queue_policy;

use service::ResourceProvider;
use std::sync::Arc;

/// All of them.
pub(crate) fn providers() -> Vec<Arc<dyn ResourceProvider>> {
    vec![Arc::new(queue::Queue), Arc::new(queue_policy::QueuePolicy)]
}
