//! The list of operations. Dispatch, enforcement, documentation and the conformance tests all read
//! this one list.

mod add_permission;
mod change_message_visibility;
mod change_message_visibility_batch;
mod create_queue;
mod delete_message;
mod delete_message_batch;
mod delete_queue;
mod get_queue_attributes;
mod get_queue_url;
mod list_dead_letter_source_queues;
mod list_queue_tags;
mod list_queues;
mod purge_queue;
mod receive_message;
mod remove_permission;
mod send_message;
mod send_message_batch;
mod set_queue_attributes;
mod tag_queue;
mod untag_queue;

use crate::Queues;
use service::{AnyOperation, transactional, waiting};
use std::sync::Arc;

/// Every operation of the service.
#[must_use]
pub fn operations(queues: &Arc<Queues>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        transactional::<add_permission::AddPermission>(queues),
        transactional::<change_message_visibility::ChangeMessageVisibility>(queues),
        transactional::<change_message_visibility_batch::ChangeMessageVisibilityBatch>(queues),
        transactional::<create_queue::CreateQueue>(queues),
        transactional::<delete_message::DeleteMessage>(queues),
        transactional::<delete_message_batch::DeleteMessageBatch>(queues),
        transactional::<delete_queue::DeleteQueue>(queues),
        transactional::<get_queue_attributes::GetQueueAttributes>(queues),
        transactional::<get_queue_url::GetQueueUrl>(queues),
        transactional::<list_dead_letter_source_queues::ListDeadLetterSourceQueues>(queues),
        transactional::<list_queue_tags::ListQueueTags>(queues),
        transactional::<list_queues::ListQueues>(queues),
        transactional::<purge_queue::PurgeQueue>(queues),
        waiting::<receive_message::ReceiveMessage>(queues),
        transactional::<remove_permission::RemovePermission>(queues),
        transactional::<send_message::SendMessage>(queues),
        transactional::<send_message_batch::SendMessageBatch>(queues),
        transactional::<set_queue_attributes::SetQueueAttributes>(queues),
        transactional::<tag_queue::TagQueue>(queues),
        transactional::<untag_queue::UntagQueue>(queues),
    ]
}
