use crate::{
    Error, Objects,
    model::{self, Access, Versioning},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Lets a bucket keep old versions, or no new ones any more.
pub(crate) struct PutBucketVersioning;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    bucket: String,
    versioning_configuration: Configuration,
    /// Names the header with a digest of the document, which the signature covers anyway.
    #[serde(rename = "ContentMD5")]
    _content_md5: Option<String>,
    #[serde(rename = "ChecksumAlgorithm")]
    _checksum_algorithm: Option<String>,
    expected_bucket_owner: Option<String>,
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
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "PutBucketVersioning";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &input.bucket).await?;
        Ok(vec![access.bucket("s3:PutBucketVersioning")])
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let owner = input.expected_bucket_owner.as_deref();
        let mut bucket = model::at(ctx, tx, &input.bucket, owner).await?;
        if input.versioning_configuration.mfa_delete.as_deref() == Some("Enabled") {
            return Err(Error::NotImplemented("MFA delete".to_owned()).into());
        }
        bucket.versioning = match input.versioning_configuration.status.as_deref() {
            Some("Enabled") => Versioning::Enabled,
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
