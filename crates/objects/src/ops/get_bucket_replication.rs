use crate::unset::Unset;

/// Tells that a bucket is not replicated: none is.
pub(crate) struct GetBucketReplication;

impl Unset for GetBucketReplication {
    const NAME: &'static str = "GetBucketReplication";
    const ACTION: &'static str = "s3:GetReplicationConfiguration";
    const ERROR: Option<(&'static str, &'static str)> = Some((
        "ReplicationConfigurationNotFoundError",
        "The replication configuration was not found",
    ));
}
