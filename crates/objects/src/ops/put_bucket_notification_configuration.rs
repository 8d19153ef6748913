use crate::{
    Error, Objects, events,
    model::{Bucket, NotificationDocument, Rule, Split},
    settings::ToBucket,
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission, Refusal, delivery};

/// Says which events of a bucket go where; replaces what was said before. A queue that is new gets
/// a test event.
pub(crate) struct PutBucketNotificationConfiguration;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    notification_configuration: NotificationDocument,
    #[serde(default)]
    skip_destination_validation: bool,
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
    type Input = Split<ToBucket, Own>;
    type Output = Empty;
    const NAME: &'static str = "PutBucketNotificationConfiguration";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.0.permissions(ctx, tx, "s3:PutBucketNotification").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Empty, Fault> {
        let bucket = input.0.find(ctx, tx).await?;
        let notifications = input.1.notification_configuration.read(ctx)?;
        if !input.1.skip_destination_validation {
            for rule in &notifications.rules {
                validate(ctx, tx, &bucket, rule).await?;
            }
        }
        events::save(tx, &bucket.store, &notifications)?;
        Ok(Empty {})
    }
}
