use crate::{
    Objects,
    model::{self, Owner, SetAcl, Split},
    to_object::ToObject,
};
use kv::Transaction;
use service::{Context, Empty, Fault, Operation, Permission};

/// Accepts the ACL that every object has, and refuses all others.
pub(crate) struct PutObjectAcl;

impl Operation for PutObjectAcl {
    type Service = Objects;
    type Input = Split<ToObject, SetAcl>;
    type Output = Empty;
    const NAME: &'static str = "PutObjectAcl";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        let (current, version) = ("s3:PutObjectAcl", "s3:PutObjectVersionAcl");
        let permissions = input.0.permissions(ctx, tx, current, version).await?;
        Ok(input.1.conditions(permissions))
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Empty, Fault> {
        let bucket = input.0.find(ctx, tx).await?;
        let id = input.0.version_id.as_deref();
        model::wanted_object(tx, &bucket, &input.0.key, id).await?;
        input.1.check(&Owner::of(&bucket.store.account))?;
        Ok(Empty {})
    }
}
