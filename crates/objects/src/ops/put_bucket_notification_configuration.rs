use crate::{
    Error, Objects, events,
    model::{self, Access, Bucket, NotificationDocument, Rule},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission, Refusal, delivery};

/// Says which events of a bucket go where; replaces what was said before. A queue that is new gets
/// a test event.
pub(crate) struct PutBucketNotificationConfiguration;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    bucket: String,
    notification_configuration: NotificationDocument,
    #[serde(default)]
    skip_destination_validation: bool,
    expected_bucket_owner: Option<String>,
}

/// A target must exist and allow this bucket to send.
async fn validate(
    ctx: &Context,
    tx: &mut Transaction,
    bucket: &Bucket,
    rule: &Rule,
) -> Result<(), Fault> {
    let delivery = events::test_event(ctx, bucket, &rule.target);
    let platform = &ctx.platform;
    let service = rule.target.service();
    let refused = match (platform.target(service), platform.external_target(service)) {
        (Some(target), _) => {
            delivery::apply(platform, target.as_ref(), tx, &delivery, ctx.now).await.err()
        }
        (None, Some(target)) => target.accepts(tx, &delivery).await.err(),
        (None, None) => {
            return Err(Error::NotImplemented(format!("events to {service}")).into());
        }
    };
    match refused {
        None => Ok(()),
        Some(Refusal::Store(error)) => Err(error.into()),
        Some(Refusal::Refused { code, message }) => {
            let text = "Unable to validate the following destination configurations";
            let fault = Fault::from(Error::InvalidArgument(text.to_owned()));
            Err(fault
                .member("ArgumentName", rule.target.as_str())
                .member("ArgumentValue", format!("{code}: {message}")))
        }
    }
}

impl Operation for PutBucketNotificationConfiguration {
    type Service = Objects;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "PutBucketNotificationConfiguration";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &input.bucket).await?;
        Ok(vec![access.bucket("s3:PutBucketNotification")])
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let owner = input.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &input.bucket, owner).await?;
        let notifications = input.notification_configuration.read(ctx)?;
        if !input.skip_destination_validation {
            for rule in &notifications.rules {
                validate(ctx, tx, &bucket, rule).await?;
            }
        }
        events::save(tx, &bucket.store, &notifications)?;
        Ok(Empty {})
    }
}
