use crate::{
    Error, Objects,
    intake::{Expected, Taken},
    model::{
        self, Access, Action, ChecksumMembers, Content, CopySource, Date, ENCRYPTION, Kind,
        NewObject, Object, SourceOptions, Split, Work, check_key, check_lock, check_write, quoted,
    },
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Permission, PreparedOperation, Seconds};
use types::Timestamp;

/// Copies an object.
pub(crate) struct CopyObject;

pub(crate) type Input = Split<NewObject, Own>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    bucket: String,
    key: String,
    copy_source: String,
    #[serde(default)]
    metadata_directive: Directive,
    #[serde(default)]
    tagging_directive: Directive,
    copy_source_if_match: Option<String>,
    copy_source_if_none_match: Option<String>,
    #[serde(default)]
    copy_source_if_modified_since: Date,
    #[serde(default)]
    copy_source_if_unmodified_since: Date,
    if_match: Option<String>,
    if_none_match: Option<String>,
    expected_bucket_owner: Option<String>,
    expected_source_bucket_owner: Option<String>,
}

/// Where something of the new object comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Directive {
    /// From the source.
    #[default]
    Copy,
    /// From the request.
    Replace,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    copy_object_result: Copied,
    server_side_encryption: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    copy_source_version_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Copied {
    #[serde(rename = "ETag")]
    etag: String,
    last_modified: Seconds,
    #[serde(flatten)]
    checksum: ChecksumMembers,
    checksum_type: Kind,
}

/// The bytes of the source, and what it was.
pub(crate) struct Prepared {
    taken: Taken,
    source: Object,
    version: Option<String>,
}

impl Own {
    fn options(&self) -> SourceOptions<'_> {
        SourceOptions {
            if_match: self.copy_source_if_match.as_deref(),
            if_none_match: self.copy_source_if_none_match.as_deref(),
            if_modified_since: self.copy_source_if_modified_since,
            if_unmodified_since: self.copy_source_if_unmodified_since,
            owner: self.expected_source_bucket_owner.as_deref(),
            range: None,
        }
    }

    /// To copy an object onto itself makes sense only with other metadata.
    fn check(&self, source: &CopySource) -> Result<(), Error> {
        let same = source.bucket == self.bucket && source.key == self.key;
        let replaces = self.metadata_directive == Directive::Replace
            || self.tagging_directive == Directive::Replace;
        match same && source.version.is_none() && !replaces {
            false => Ok(()),
            true => {
                let text = "This copy request is illegal because it is trying to copy an object to \
                            itself without changing the object's metadata, storage class, website \
                            redirect location or encryption attributes.";
                Err(Error::InvalidRequest(text.to_owned()))
            }
        }
    }

    /// The new object, of the source and what the request replaces.
    fn object(
        &self,
        new: &NewObject,
        prepared: &Prepared,
        content: Content,
        now: Timestamp,
    ) -> Result<Object, Error> {
        let Prepared { taken, source, .. } = prepared;
        let mut object = Object {
            size: taken.size,
            etag: taken.md5.clone(),
            content,
            checksum: Some(taken.checksum.clone()),
            lock: new.lock(now)?,
            ..source.clone()
        };
        if self.metadata_directive == Directive::Replace {
            object.headers = new.headers();
            object.metadata = new.metadata();
        }
        if self.tagging_directive == Directive::Replace {
            object.tags = new.tags()?;
        }
        Ok(object)
    }
}

impl PreparedOperation for CopyObject {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    type Prepared = Prepared;
    const NAME: &'static str = "CopyObject";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        Split(new, own): &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let source = CopySource::parse(&own.copy_source)?;
        let mut needed = vec![source.permission(ctx, tx).await?];
        let access = Access::to(ctx, tx, &own.bucket).await?;
        needed.extend(new.permissions(&access, &own.key));
        Ok(needed)
    }

    async fn prepare(
        objects: &Objects,
        ctx: &Context,
        Split(new, own): &Input,
    ) -> Result<Prepared, Fault> {
        new.check()?;
        check_key(&own.key)?;
        let source = CopySource::parse(&own.copy_source)?;
        own.check(&source)?;
        let mut tx = objects.platform.store.begin();
        let owner = own.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, &mut tx, &own.bucket, owner).await?;
        check_lock(&bucket, &new.lock(ctx.now)?)?;
        drop(tx);
        let open = source.open(objects, ctx, &own.options()).await?;
        let algorithm = match new.algorithm()? {
            None => open.object.checksum.as_ref().map(|sum| sum.algorithm),
            named => named,
        };
        let expected = Expected { algorithm, ..Expected::default() };
        let taken = objects.take(open.stream, &expected, |_| Ok(None)).await?;
        Ok(Prepared { taken, source: open.object, version: open.version })
    }

    async fn run(
        objects: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        Split(new, own): &Input,
        prepared: &Prepared,
    ) -> Result<Output, Fault> {
        let owner = own.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &own.bucket, owner).await?;
        let current = model::current(tx, &bucket, &own.key).await?;
        let (if_match, if_none_match) = (own.if_match.as_deref(), own.if_none_match.as_deref());
        check_write(current.as_ref(), &own.key, if_match, if_none_match)?;
        let body = prepared.taken.keep(objects, tx, &bucket.store).await?;
        let object = own.object(new, prepared, Content::Whole(body), ctx.now)?;
        let work = Work::new(objects, ctx, &bucket);
        let version = work.put(tx, &own.key, current, Some(object)).await?;
        work.notify_created(tx, Action::Copy, &own.key, &version).await?;
        let checksum = &prepared.taken.checksum;
        Ok(Output {
            copy_object_result: Copied {
                etag: quoted(&prepared.taken.md5),
                last_modified: Seconds(version.modified),
                checksum: ChecksumMembers::of(checksum.algorithm, &checksum.value),
                checksum_type: checksum.kind,
            },
            server_side_encryption: ENCRYPTION,
            copy_source_version_id: prepared.version.clone(),
            version_id: bucket.shown(&version),
        })
    }

    async fn release(objects: &Objects, prepared: &Prepared) {
        prepared.taken.drop_blob(objects).await;
    }
}
