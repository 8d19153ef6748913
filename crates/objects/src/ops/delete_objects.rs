use crate::{
    Error, Objects, config,
    model::{self, Access, Bypass, Deleted, VersionId, Work, check_key, check_write},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission, authorize};

/// Deletes up to 1,000 objects, each by itself: one that the caller may not delete is told, and the
/// others go.
pub(crate) struct DeleteObjects;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    bucket: String,
    delete: Delete,
    #[serde(default)]
    bypass_governance_retention: bool,
    /// The checksum was compared with the document before its members were read: see
    /// [`crate::digests`].
    #[serde(rename = "ChecksumAlgorithm")]
    _checksum_algorithm: Option<String>,
    expected_bucket_owner: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Delete {
    objects: Vec<Named>,
    #[serde(default)]
    quiet: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Named {
    key: String,
    version_id: Option<String>,
    #[serde(rename = "ETag")]
    etag: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    deleted: Vec<Done>,
    errors: Vec<Failed>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Done {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delete_marker: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delete_marker_version_id: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Failed {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
    code: String,
    message: String,
}

impl Named {
    async fn delete(
        &self,
        work: &Work<'_>,
        access: &Access,
        tx: &mut Transaction,
        bypass: bool,
    ) -> Result<Deleted, Fault> {
        let (ctx, key) = (work.ctx, self.key.as_str());
        let permission = access.deletion(key, self.version_id.as_deref());
        authorize(&ctx.caller, &permission, &ctx.region, ctx.now)
            .map_err(|_| Error::AccessDenied)?;
        check_key(key)?;
        let deleted = match self.version_id.as_deref().map(VersionId::wanted).transpose()? {
            Some(id) => {
                let by = Bypass { ctx, access, key, is_wanted: bypass };
                work.delete_version(tx, key, id, Some(&by)).await?
            }
            None => {
                let current = model::current(tx, work.bucket, key).await?;
                check_write(current.as_ref(), key, self.etag.as_deref(), None)?;
                work.delete(tx, key, current).await?
            }
        };
        work.notify_deleted(tx, key, &deleted).await?;
        Ok(deleted)
    }

    fn done(&self, deleted: &Deleted) -> Done {
        let id = deleted.version.map(|id| id.to_string());
        Done {
            key: self.key.clone(),
            version_id: self.version_id.clone(),
            delete_marker: deleted.marker.then_some(true),
            delete_marker_version_id: id.filter(|_| deleted.marker),
        }
    }

    fn failed(&self, fault: &Fault) -> Failed {
        Failed {
            key: self.key.clone(),
            version_id: self.version_id.clone(),
            code: fault.code().to_owned(),
            message: fault.message().to_owned(),
        }
    }
}

impl Operation for DeleteObjects {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "DeleteObjects";

    /// Each object's is asked when it is its turn.
    async fn permissions(
        _: &Objects,
        _: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(Vec::new())
    }

    async fn run(
        objects: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        if input.delete.objects.is_empty() || input.delete.objects.len() > config::DELETE_KEYS {
            return Err(Error::MalformedXml.into());
        }
        let owner = input.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &input.bucket, owner).await?;
        let access = Access::to(ctx, tx, &input.bucket).await?;
        let work = Work::new(objects, ctx, &bucket);
        let mut output = Output { deleted: Vec::new(), errors: Vec::new() };
        for named in &input.delete.objects {
            match named.delete(&work, &access, tx, input.bypass_governance_retention).await {
                Ok(deleted) if !input.delete.quiet => output.deleted.push(named.done(&deleted)),
                Ok(_) => {}
                Err(fault) if fault.http_status() >= 500 && fault.code() != "NotImplemented" => {
                    return Err(fault);
                }
                Err(fault) => output.errors.push(named.failed(&fault)),
            }
        }
        Ok(output)
    }
}
