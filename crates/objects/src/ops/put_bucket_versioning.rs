use crate::{
    Error, Objects,
    model::{self, Split, Versioning},
    settings::ToBucket,
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Lets a bucket keep old versions, or no new ones any more.
pub(crate) struct PutBucketVersioning;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    versioning_configuration: Configuration,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Configuration {
    status: Option<String>,
    #[serde(rename = "MFADelete")]
    mfa_delete: Option<String>,
}

impl Operation for PutBucketVersioning {
    type Service = Objects;
    type Input = Split<ToBucket, Own>;
    type Output = Empty;
    const NAME: &'static str = "PutBucketVersioning";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.0.permissions(ctx, tx, "s3:PutBucketVersioning").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Empty, Fault> {
        let mut bucket = input.0.find(ctx, tx).await?;
        if input.1.versioning_configuration.mfa_delete.as_deref() == Some("Enabled") {
            return Err(Error::NotImplemented("MFA delete".to_owned()).into());
        }
        bucket.versioning = match input.1.versioning_configuration.status.as_deref() {
            Some("Enabled") => Versioning::Enabled,
            Some("Suspended") if bucket.lock.is_some() => {
                let text = "An Object Lock configuration is present on this bucket, so the \
                            versioning state cannot be changed.";
                return Err(Error::InvalidBucketState(text.to_owned()).into());
            }
            Some("Suspended") => Versioning::Suspended,
            _ => {
                let text = "The Versioning element must be specified";
                return Err(Error::IllegalVersioning(text).into());
            }
        };
        model::save(tx, &bucket)?;
        Ok(Empty {})
    }
}
