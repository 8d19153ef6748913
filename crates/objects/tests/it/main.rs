//! Every operation over the wire, on every engine.

mod common;
mod fake_queue;

mod create_bucket;
mod delete_bucket;
mod delete_object;
mod delete_objects;
mod get_bucket_location;
mod get_bucket_notification_configuration;
mod get_bucket_versioning;
mod get_object;
mod head_bucket;
mod head_object;
mod list_buckets;
mod list_object_versions;
mod list_objects;
mod list_objects_v2;
mod put_bucket_notification_configuration;
mod put_bucket_versioning;
mod put_object;
