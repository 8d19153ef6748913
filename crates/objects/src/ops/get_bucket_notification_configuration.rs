use crate::{
    Objects, events,
    model::{self, Access, NotificationDocument},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission};

/// Tells which events of a bucket go where.
pub(crate) struct GetBucketNotificationConfiguration;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    bucket: String,
    expected_bucket_owner: Option<String>,
}

impl Operation for GetBucketNotificationConfiguration {
    type Service = Objects;
    type Input = Input;
    type Output = NotificationDocument;
    const NAME: &'static str = "GetBucketNotificationConfiguration";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &input.bucket).await?;
        Ok(vec![access.bucket("s3:GetBucketNotification")])
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<NotificationDocument, Fault> {
        let owner = input.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &input.bucket, owner).await?;
        Ok(NotificationDocument::of(&events::find(tx, &bucket.store).await?))
    }
}
