use crate::{
    Error, Objects,
    model::{self, PublicAccess, Split, check_policy, is_public},
    settings::{self, ToBucket},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Gives a bucket a policy, in place of the one that it has.
pub(crate) struct PutBucketPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    policy: String,
}

fn blocked(ctx: &Context, bucket: &str) -> Error {
    Error::PolicyBlocked(format!(
        "User: {} is not authorized to perform: s3:PutBucketPolicy on resource: \"{bucket}\" \
         because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public \
         Access.",
        ctx.caller.principal.display_name()
    ))
}

impl Operation for PutBucketPolicy {
    type Service = Objects;
    type Input = Split<ToBucket, Own>;
    type Output = Empty;
    const NAME: &'static str = "PutBucketPolicy";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.0.permissions_on_policy(ctx, tx, "s3:PutBucketPolicy").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Empty, Fault> {
        let mut bucket = input.0.find(ctx, tx).await?;
        let policy = &input.1.policy;
        check_policy(&bucket, policy)?;
        let access = settings::find::<PublicAccess>(tx, &bucket).await?.unwrap_or_default();
        if access.block.is_some_and(|block| block.block_public_policy) && is_public(policy) {
            return Err(blocked(ctx, &bucket.arn()).into());
        }
        bucket.policy = Some(policy.clone());
        model::save(tx, &bucket)?;
        Ok(Empty {})
    }
}
