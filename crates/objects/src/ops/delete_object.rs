use crate::{
    Error, Objects,
    model::{self, Access, Bypass, VersionId, Work, check_key, check_write},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Deletes an object, or one version of it for good.
pub(crate) struct DeleteObject;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    bucket: String,
    key: String,
    version_id: Option<String>,
    if_match: Option<String>,
    #[serde(default)]
    bypass_governance_retention: bool,
    expected_bucket_owner: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    delete_marker: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
}

impl Operation for DeleteObject {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "DeleteObject";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &input.bucket).await?;
        Ok(vec![access.deletion(&input.key, input.version_id.as_deref())])
    }

    async fn run(
        objects: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        check_key(&input.key)?;
        let owner = input.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &input.bucket, owner).await?;
        let work = Work::new(objects, ctx, &bucket);
        let id = input.version_id.as_deref().map(VersionId::wanted).transpose()?;
        let deleted = match id {
            Some(_) if input.if_match.is_some() => {
                let what = "If-Match in the deletion of a version".to_owned();
                return Err(Error::NotImplemented(what).into());
            }
            Some(id) => {
                let access = Access::to(ctx, tx, &input.bucket).await?;
                let is_wanted = input.bypass_governance_retention;
                let by = Bypass { ctx, access: &access, key: &input.key, is_wanted };
                work.delete_version(tx, &input.key, id, Some(&by)).await?
            }
            None => {
                let current = model::current(tx, &bucket, &input.key).await?;
                check_write(current.as_ref(), &input.key, input.if_match.as_deref(), None)?;
                work.delete(tx, &input.key, current).await?
            }
        };
        work.notify_deleted(tx, &input.key, &deleted).await?;
        Ok(Output {
            delete_marker: deleted.marker.then_some(true),
            version_id: deleted.version.map(|id| id.to_string()),
        })
    }
}
