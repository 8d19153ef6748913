use crate::{
    Objects,
    model::{self, AccessControlPolicy, Owner},
    to_object::ToObject,
};
use kv::Transaction;
use service::{Context, Fault, Operation, Permission};

/// Tells the ACL of an object: the bucket's owner may do everything.
pub(crate) struct GetObjectAcl;

impl Operation for GetObjectAcl {
    type Service = Objects;
    type Input = ToObject;
    type Output = AccessControlPolicy;
    const NAME: &'static str = "GetObjectAcl";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &ToObject,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:GetObjectAcl", "s3:GetObjectVersionAcl").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &ToObject,
    ) -> Result<AccessControlPolicy, Fault> {
        let bucket = input.find(ctx, tx).await?;
        model::wanted_object(tx, &bucket, &input.key, input.version_id.as_deref()).await?;
        Ok(AccessControlPolicy::of(Owner::of(&bucket.store.account)))
    }
}
