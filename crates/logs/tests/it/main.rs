//! Every operation over the wire, on every engine; the writer, the jobs and the resource type.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
mod create_log_group;
mod create_log_stream;
mod delete_log_group;
mod delete_log_stream;
mod delete_retention_policy;
mod describe_log_groups;
mod describe_log_streams;
mod filter_log_events;
mod get_log_events;
mod list_tags_for_resource;
mod put_log_events;
mod put_retention_policy;
mod resources;
mod tag_resource;
mod untag_resource;
mod writer;
