use crate::{
    Error, Objects,
    model::{self, LockDocument, Split, Versioning},
    settings::ToBucket,
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Lets a bucket lock its objects, from now on and for good, and says how new ones are.
pub(crate) struct PutObjectLockConfiguration;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    object_lock_configuration: Option<LockDocument>,
}

impl Operation for PutObjectLockConfiguration {
    type Service = Objects;
    type Input = Split<ToBucket, Own>;
    type Output = Empty;
    const NAME: &'static str = "PutObjectLockConfiguration";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.0.permissions(ctx, tx, "s3:PutBucketObjectLockConfiguration").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Empty, Fault> {
        let mut bucket = input.0.find(ctx, tx).await?;
        let document = input.1.object_lock_configuration.as_ref().ok_or(Error::MalformedXml)?;
        let lock = document.read()?;
        if bucket.versioning != Versioning::Enabled {
            let text = "Versioning must be 'Enabled' on the bucket to apply a Object Lock \
                        configuration";
            return Err(Error::InvalidBucketState(text.to_owned()).into());
        }
        bucket.lock = Some(lock);
        model::save(tx, &bucket)?;
        Ok(Empty {})
    }
}
