//! Tests of stacks, through dispatch.

#![allow(clippy::unwrap_used, reason = "tests")]

mod cancel_update_stack;
mod check;
mod continue_update_rollback;
mod crash;
mod create_change_set;
mod create_stack;
mod custom;
mod delete_change_set;
mod delete_stack;
mod describe_change_set;
mod describe_stack_events;
mod describe_stack_resource;
mod describe_stack_resources;
mod describe_stacks;
mod execute_change_set;
mod get_stack_policy;
mod get_template;
mod get_template_summary;
mod list_change_sets;
mod list_exports;
mod list_imports;
mod list_stack_resources;
mod list_stacks;
mod nested;
mod parameters;
mod rollback;
mod set_stack_policy;
mod sources;
mod support;
mod update_stack;
mod update_termination_protection;
mod validate_template;
mod wait;
mod wire;
