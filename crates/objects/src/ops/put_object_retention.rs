use crate::{
    Error, Objects,
    model::{Access, Bypass, RetentionDocument, Split, needs_lock, set_lock},
    to_object::ToObject,
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Says until when a version of an object stays.
pub(crate) struct PutObjectRetention;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    retention: Option<RetentionDocument>,
    #[serde(default)]
    bypass_governance_retention: bool,
}

impl Operation for PutObjectRetention {
    type Service = Objects;
    type Input = Split<ToObject, Own>;
    type Output = Empty;
    const NAME: &'static str = "PutObjectRetention";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        let action = "s3:PutObjectRetention";
        input.0.permissions(ctx, tx, action, action).await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        Split(to, own): &Self::Input,
    ) -> Result<Empty, Fault> {
        let bucket = to.find(ctx, tx).await?;
        needs_lock(&bucket)?;
        let document = own.retention.as_ref().ok_or(Error::MalformedXml)?;
        let next = document.read(ctx.now)?;
        let access = Access::to(ctx, tx, bucket.name()).await?;
        let is_wanted = own.bypass_governance_retention;
        let by = Bypass { ctx, access: &access, key: &to.key, is_wanted };
        let id = to.version_id.as_deref();
        set_lock(tx, &bucket, &to.key, id, |lock| lock.retain(next, &by)).await?;
        Ok(Empty {})
    }
}
