use crate::{
    Error, Objects,
    model::{self, Access, Bucket, BucketLock, BucketName, BucketTags, Tag, Tagging, Versioning},
    settings,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Creates a bucket.
pub(crate) struct CreateBucket;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    bucket: String,
    create_bucket_configuration: Option<Configuration>,
    #[serde(rename = "ACL")]
    acl: Option<String>,
    object_ownership: Option<String>,
    #[serde(default)]
    object_lock_enabled_for_bucket: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Configuration {
    location_constraint: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    location: String,
    bucket_arn: String,
}

/// The region that is named by no location constraint.
const CLASSIC_REGION: &str = "us-east-1";

impl Input {
    fn tagging(&self) -> &[Tag] {
        self.create_bucket_configuration.as_ref().map_or(&[], |configuration| &configuration.tags)
    }

    /// A bucket lies in the region of this installation, and says so everywhere but in the
    /// classic region, as at AWS.
    fn check_location(&self, ctx: &Context) -> Result<(), Error> {
        let configuration = self.create_bucket_configuration.as_ref();
        let region = ctx.region.as_str();
        match configuration.and_then(|c| c.location_constraint.as_deref()) {
            Some("EU") if region == "eu-west-1" => Ok(()),
            Some(location) if location == region && region != CLASSIC_REGION => Ok(()),
            Some(location) => Err(Error::IllegalLocationConstraint(location.to_owned())),
            None if region == CLASSIC_REGION => Ok(()),
            None => Err(Error::IllegalLocationConstraint("unspecified".to_owned())),
        }
    }

    /// What only buckets of former days have is refused.
    fn check_features(&self) -> Result<(), Error> {
        if self.acl.as_deref().is_some_and(|acl| acl != "private") {
            return Err(Error::AccessControlListNotSupported);
        }
        match self.object_ownership.as_deref() {
            None | Some("BucketOwnerEnforced") => {}
            Some(other) => {
                return Err(Error::NotImplemented(format!("the object ownership {other}")));
            }
        }
        Ok(())
    }
}

impl Operation for CreateBucket {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "CreateBucket";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &input.bucket).await?;
        let tag = (!input.tagging().is_empty()).then(|| access.bucket("s3:TagResource"));
        let lock = input.object_lock_enabled_for_bucket.then(|| {
            let actions = ["s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning"];
            actions.map(|action| access.bucket(action))
        });
        let create = [access.bucket("s3:CreateBucket")].into_iter();
        Ok(create.chain(tag).chain(lock.into_iter().flatten()).collect())
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let name = BucketName::parse(&input.bucket)?;
        input.check_location(ctx)?;
        input.check_features()?;
        let bucket = match model::find(ctx, tx, name.as_str()).await? {
            // There, and only there, making one's own bucket again is no mistake.
            Some(found) if ctx.region.as_str() == CLASSIC_REGION => found,
            Some(_) => return Err(Error::BucketAlreadyOwnedByYou(input.bucket.clone()).into()),
            None => {
                let mut bucket = Bucket::new(ctx, &name);
                if input.object_lock_enabled_for_bucket {
                    bucket.lock = Some(BucketLock::default());
                    bucket.versioning = Versioning::Enabled;
                }
                let tags = Tagging::from(input.tagging().to_vec()).distinct()?;
                if !tags.is_empty() {
                    let tags = BucketTags::default().replaced_by(ctx, tags)?;
                    settings::put(tx, &bucket, &tags)?;
                }
                bucket
            }
        };
        model::save(tx, &bucket)?;
        Ok(Output { location: format!("/{}", bucket.name()), bucket_arn: bucket.arn() })
    }
}
