//! Every operation over the wire, on every engine; then what other crates see of a queue.

mod common;

mod add_permission;
mod change_message_visibility;
mod change_message_visibility_batch;
mod create_queue;
mod delete_message;
mod delete_message_batch;
mod delete_queue;
mod fifo;
mod fifo_mappings;
mod fifo_simulation;
mod get_queue_attributes;
mod get_queue_url;
mod jobs;
mod list_dead_letter_source_queues;
mod list_queue_tags;
mod list_queues;
mod operations;
mod ports;
mod purge_queue;
mod query_protocol;
mod receive_message;
mod remove_permission;
mod resources;
mod send_message;
mod send_message_batch;
mod set_queue_attributes;
mod simulated;
mod simulation;
mod tag_queue;
mod untag_queue;
