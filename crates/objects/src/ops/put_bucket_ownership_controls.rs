use crate::{
    Error, Objects,
    model::{ENFORCED, Ownership, OwnershipControls, Split},
    settings::{self, ToBucket},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Says who owns a bucket's objects: the bucket's owner.
pub(crate) struct PutBucketOwnershipControls;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    ownership_controls: OwnershipControls,
}

impl Operation for PutBucketOwnershipControls {
    type Service = Objects;
    type Input = Split<ToBucket, Own>;
    type Output = Empty;
    const NAME: &'static str = "PutBucketOwnershipControls";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.0.permissions(ctx, tx, "s3:PutBucketOwnershipControls").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Empty, Fault> {
        let bucket = input.0.find(ctx, tx).await?;
        let [rule] = &input.1.ownership_controls.rules[..] else {
            return Err(Error::MalformedXml.into());
        };
        if rule.object_ownership != ENFORCED {
            let what = format!("the object ownership {}", rule.object_ownership);
            return Err(Error::NotImplemented(what).into());
        }
        settings::remove::<Ownership>(tx, &bucket)?;
        Ok(Empty {})
    }
}
