use crate::{
    Objects,
    model::{AccessControlPolicy, Owner},
    settings::ToBucket,
};
use kv::Transaction;
use service::{Context, Fault, Operation, Permission};

/// Tells the ACL of a bucket: its owner may do everything.
pub(crate) struct GetBucketAcl;

impl Operation for GetBucketAcl {
    type Service = Objects;
    type Input = ToBucket;
    type Output = AccessControlPolicy;
    const NAME: &'static str = "GetBucketAcl";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &ToBucket,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:GetBucketAcl").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &ToBucket,
    ) -> Result<AccessControlPolicy, Fault> {
        let bucket = input.find(ctx, tx).await?;
        Ok(AccessControlPolicy::of(Owner::of(&bucket.store.account)))
    }
}
