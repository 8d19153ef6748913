//! Every operation, on every engine; invocations on sandboxes that are tasks of the test.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

mod add_permission;
mod common;
mod create_alias;
mod create_event_source_mapping;
mod create_function;
mod create_function_url_config;
mod delete_alias;
mod delete_event_source_mapping;
mod delete_function;
mod delete_function_event_invoke_config;
mod delete_function_url_config;
mod get_account_settings;
mod get_alias;
mod get_event_source_mapping;
mod get_function;
mod get_function_configuration;
mod get_function_event_invoke_config;
mod get_function_url_config;
mod get_policy;
mod invoke;
mod list_aliases;
mod list_event_source_mappings;
mod list_function_event_invoke_configs;
mod list_function_url_configs;
mod list_functions;
mod list_tags;
mod list_versions_by_function;
mod operations;
mod publish_version;
mod put_function_event_invoke_config;
mod remove_permission;
mod resources;
mod tag_resource;
mod untag_resource;
mod update_alias;
mod update_event_source_mapping;
mod update_function_code;
mod update_function_configuration;
mod update_function_event_invoke_config;
mod update_function_url_config;
