//! Every operation over the wire, on every engine; then the records and the resource type.

#![allow(clippy::unwrap_used, reason = "tests")]

mod add_tags_to_resource;
mod common;
mod delete_parameter;
mod delete_parameters;
mod describe_parameters;
mod get_parameter;
mod get_parameter_history;
mod get_parameters;
mod get_parameters_by_path;
mod label_parameter_version;
mod list_tags_for_resource;
mod operations;
mod put_parameter;
mod records;
mod remove_tags_from_resource;
mod resources;
mod unlabel_parameter_version;
