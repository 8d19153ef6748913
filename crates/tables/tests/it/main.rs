//! Every operation over the wire, on every engine.

mod batch_get_item;
mod batch_write_item;
mod common;
mod create_table;
mod delete_item;
mod delete_table;
mod describe_continuous_backups;
mod describe_endpoints;
mod describe_limits;
mod describe_table;
mod describe_time_to_live;
mod differential;
mod get_item;
mod list_tables;
mod list_tags_of_resource;
mod operations;
mod permissions;
mod put_item;
mod query;
mod races;
mod resources;
mod scan;
mod tag_resource;
mod untag_resource;
mod update_item;
mod update_table;
