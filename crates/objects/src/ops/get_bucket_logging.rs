use crate::unset::Unset;

/// Tells that the requests to a bucket are logged to no other.
pub(crate) struct GetBucketLogging;

impl Unset for GetBucketLogging {
    const NAME: &'static str = "GetBucketLogging";
    const ACTION: &'static str = "s3:GetBucketLogging";
    const ERROR: Option<(&'static str, &'static str)> = None;
}
