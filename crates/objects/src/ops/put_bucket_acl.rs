use crate::{
    Objects,
    model::{Owner, SetAcl, Split},
    settings::ToBucket,
};
use kv::Transaction;
use service::{Context, Empty, Fault, Operation, Permission};

/// Accepts the ACL that every bucket has, and refuses all others.
pub(crate) struct PutBucketAcl;

impl Operation for PutBucketAcl {
    type Service = Objects;
    type Input = Split<ToBucket, SetAcl>;
    type Output = Empty;
    const NAME: &'static str = "PutBucketAcl";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        let permissions = input.0.permissions(ctx, tx, "s3:PutBucketAcl").await?;
        Ok(input.1.conditions(permissions))
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Empty, Fault> {
        let bucket = input.0.find(ctx, tx).await?;
        input.1.check(&Owner::of(&bucket.store.account))?;
        Ok(Empty {})
    }
}
