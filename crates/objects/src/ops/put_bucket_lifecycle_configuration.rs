use crate::{
    Error, Objects, jobs,
    model::{Lifecycle, LifecycleDocument, Split},
    settings::{self, ToBucket},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Says when objects, old versions and unfinished uploads of a bucket go by themselves.
pub(crate) struct PutBucketLifecycleConfiguration;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    lifecycle_configuration: Option<LifecycleDocument>,
    /// Of transitions, of which there are none; told back.
    transition_default_minimum_object_size: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    transition_default_minimum_object_size: String,
}

/// What AWS uses by default.
const MINIMUM: &str = "all_storage_classes_128K";

impl Operation for PutBucketLifecycleConfiguration {
    type Service = Objects;
    type Input = Split<ToBucket, Own>;
    type Output = Output;
    const NAME: &'static str = "PutBucketLifecycleConfiguration";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.0.permissions(ctx, tx, "s3:PutLifecycleConfiguration").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Output, Fault> {
        let bucket = input.0.find(ctx, tx).await?;
        let Own { lifecycle_configuration, transition_default_minimum_object_size: size } =
            &input.1;
        let document = lifecycle_configuration.as_ref().ok_or(Error::MalformedXml)?;
        let size = size.clone().unwrap_or_else(|| MINIMUM.to_owned());
        let lifecycle = Lifecycle::new(ctx, document, &size)?;
        settings::put(tx, &bucket, &lifecycle)?;
        jobs::expire(ctx, tx, &bucket.store, &lifecycle)?;
        Ok(Output { transition_default_minimum_object_size: size })
    }
}
