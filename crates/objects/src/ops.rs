//! The list of operations. Dispatch, enforcement, documentation and the conformance tests all read
//! this one list.

mod abort_multipart_upload;
mod complete_multipart_upload;
mod copy_object;
mod create_bucket;
mod create_multipart_upload;
mod delete_bucket;
mod delete_bucket_cors;
mod delete_bucket_encryption;
mod delete_bucket_lifecycle;
mod delete_bucket_ownership_controls;
mod delete_bucket_policy;
mod delete_bucket_tagging;
mod delete_object;
mod delete_object_tagging;
mod delete_objects;
mod delete_public_access_block;
mod get_bucket_accelerate_configuration;
mod get_bucket_acl;
mod get_bucket_cors;
mod get_bucket_encryption;
mod get_bucket_lifecycle_configuration;
mod get_bucket_location;
mod get_bucket_logging;
mod get_bucket_notification_configuration;
mod get_bucket_ownership_controls;
mod get_bucket_policy;
mod get_bucket_policy_status;
mod get_bucket_replication;
mod get_bucket_request_payment;
mod get_bucket_tagging;
mod get_bucket_versioning;
mod get_bucket_website;
mod get_object;
mod get_object_acl;
mod get_object_attributes;
mod get_object_legal_hold;
mod get_object_lock_configuration;
mod get_object_retention;
mod get_object_tagging;
mod get_public_access_block;
mod head_bucket;
mod head_object;
mod list_buckets;
mod list_multipart_uploads;
mod list_object_versions;
mod list_objects;
mod list_objects_v2;
mod list_parts;
mod post_object;
mod put_bucket_acl;
mod put_bucket_cors;
mod put_bucket_encryption;
mod put_bucket_lifecycle_configuration;
mod put_bucket_notification_configuration;
mod put_bucket_ownership_controls;
mod put_bucket_policy;
mod put_bucket_tagging;
mod put_bucket_versioning;
mod put_object;
mod put_object_acl;
mod put_object_legal_hold;
mod put_object_lock_configuration;
mod put_object_retention;
mod put_object_tagging;
mod put_public_access_block;
mod upload_part;
mod upload_part_copy;

use crate::{Objects, unset::Get};
use service::{AnyOperation, direct, prepared, transactional};
use std::sync::Arc;

/// Every operation of the service.
#[must_use]
pub fn operations(objects: &Arc<Objects>) -> Vec<Arc<dyn AnyOperation>> {
    [on_buckets(objects), on_objects(objects)].concat()
}

/// Those on buckets and their configurations.
fn on_buckets(objects: &Arc<Objects>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        transactional::<create_bucket::CreateBucket>(objects),
        transactional::<delete_bucket::DeleteBucket>(objects),
        transactional::<delete_bucket_cors::DeleteBucketCors>(objects),
        transactional::<delete_bucket_encryption::DeleteBucketEncryption>(objects),
        transactional::<delete_bucket_lifecycle::DeleteBucketLifecycle>(objects),
        transactional::<delete_bucket_ownership_controls::DeleteBucketOwnershipControls>(objects),
        transactional::<delete_bucket_policy::DeleteBucketPolicy>(objects),
        transactional::<delete_bucket_tagging::DeleteBucketTagging>(objects),
        transactional::<delete_public_access_block::DeletePublicAccessBlock>(objects),
        transactional::<Get<get_bucket_accelerate_configuration::GetBucketAccelerateConfiguration>>(
            objects,
        ),
        transactional::<get_bucket_acl::GetBucketAcl>(objects),
        transactional::<get_bucket_cors::GetBucketCors>(objects),
        transactional::<get_bucket_encryption::GetBucketEncryption>(objects),
        transactional::<get_bucket_lifecycle_configuration::GetBucketLifecycleConfiguration>(
            objects,
        ),
        transactional::<get_bucket_location::GetBucketLocation>(objects),
        transactional::<Get<get_bucket_logging::GetBucketLogging>>(objects),
        transactional::<get_bucket_notification_configuration::GetBucketNotificationConfiguration>(
            objects,
        ),
        transactional::<get_bucket_ownership_controls::GetBucketOwnershipControls>(objects),
        transactional::<get_bucket_policy::GetBucketPolicy>(objects),
        transactional::<get_bucket_policy_status::GetBucketPolicyStatus>(objects),
        transactional::<Get<get_bucket_replication::GetBucketReplication>>(objects),
        transactional::<get_bucket_request_payment::GetBucketRequestPayment>(objects),
        transactional::<get_bucket_tagging::GetBucketTagging>(objects),
        transactional::<get_bucket_versioning::GetBucketVersioning>(objects),
        transactional::<Get<get_bucket_website::GetBucketWebsite>>(objects),
        transactional::<get_public_access_block::GetPublicAccessBlock>(objects),
        transactional::<head_bucket::HeadBucket>(objects),
        transactional::<list_buckets::ListBuckets>(objects),
        transactional::<put_bucket_acl::PutBucketAcl>(objects),
        transactional::<put_bucket_cors::PutBucketCors>(objects),
        transactional::<put_bucket_encryption::PutBucketEncryption>(objects),
        transactional::<put_bucket_lifecycle_configuration::PutBucketLifecycleConfiguration>(
            objects,
        ),
        transactional::<put_bucket_notification_configuration::PutBucketNotificationConfiguration>(
            objects,
        ),
        transactional::<put_bucket_ownership_controls::PutBucketOwnershipControls>(objects),
        transactional::<put_bucket_policy::PutBucketPolicy>(objects),
        transactional::<put_bucket_tagging::PutBucketTagging>(objects),
        transactional::<put_bucket_versioning::PutBucketVersioning>(objects),
        transactional::<put_public_access_block::PutPublicAccessBlock>(objects),
    ]
}

/// Those on objects and uploads, and what a bucket holds of them.
fn on_objects(objects: &Arc<Objects>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        transactional::<abort_multipart_upload::AbortMultipartUpload>(objects),
        transactional::<complete_multipart_upload::CompleteMultipartUpload>(objects),
        prepared::<copy_object::CopyObject>(objects),
        transactional::<create_multipart_upload::CreateMultipartUpload>(objects),
        transactional::<delete_object::DeleteObject>(objects),
        transactional::<delete_object_tagging::DeleteObjectTagging>(objects),
        transactional::<delete_objects::DeleteObjects>(objects),
        direct::<get_object::GetObject>(objects),
        transactional::<get_object_acl::GetObjectAcl>(objects),
        transactional::<get_object_attributes::GetObjectAttributes>(objects),
        transactional::<get_object_legal_hold::GetObjectLegalHold>(objects),
        transactional::<get_object_lock_configuration::GetObjectLockConfiguration>(objects),
        transactional::<get_object_retention::GetObjectRetention>(objects),
        transactional::<get_object_tagging::GetObjectTagging>(objects),
        direct::<head_object::HeadObject>(objects),
        transactional::<list_multipart_uploads::ListMultipartUploads>(objects),
        transactional::<list_object_versions::ListObjectVersions>(objects),
        transactional::<list_objects::ListObjects>(objects),
        transactional::<list_objects_v2::ListObjectsV2>(objects),
        transactional::<list_parts::ListParts>(objects),
        prepared::<post_object::PostObject>(objects),
        prepared::<put_object::PutObject>(objects),
        transactional::<put_object_acl::PutObjectAcl>(objects),
        transactional::<put_object_legal_hold::PutObjectLegalHold>(objects),
        transactional::<put_object_lock_configuration::PutObjectLockConfiguration>(objects),
        transactional::<put_object_retention::PutObjectRetention>(objects),
        transactional::<put_object_tagging::PutObjectTagging>(objects),
        prepared::<upload_part::UploadPart>(objects),
        prepared::<upload_part_copy::UploadPartCopy>(objects),
    ]
}
