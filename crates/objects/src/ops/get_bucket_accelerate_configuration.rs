use crate::unset::Unset;

/// Tells that a bucket has no transfer acceleration, as one that was never accelerated does.
pub(crate) struct GetBucketAccelerateConfiguration;

impl Unset for GetBucketAccelerateConfiguration {
    const NAME: &'static str = "GetBucketAccelerateConfiguration";
    const ACTION: &'static str = "s3:GetAccelerateConfiguration";
    const ERROR: Option<(&'static str, &'static str)> = None;
}
