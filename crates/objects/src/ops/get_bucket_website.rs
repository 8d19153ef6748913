use crate::unset::Unset;

/// Tells that a bucket is no website: they are not hosted here.
pub(crate) struct GetBucketWebsite;

impl Unset for GetBucketWebsite {
    const NAME: &'static str = "GetBucketWebsite";
    const ACTION: &'static str = "s3:GetBucketWebsite";
    const ERROR: Option<(&'static str, &'static str)> = Some((
        "NoSuchWebsiteConfiguration",
        "The specified bucket does not have a website configuration",
    ));
}
