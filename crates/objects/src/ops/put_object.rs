use crate::{
    Error, Objects,
    intake::{Expected, Taken},
    model::{
        self, Access, Action, ChecksumMembers, Content, ENCRYPTION, Kind, NewObject, Object, Split,
        Work, check_key, check_lock, check_write, quoted,
    },
    request,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Permission, PreparedOperation};

/// Stores an object.
pub(crate) struct PutObject;

/// The members of a new object, those of a checksum, and its own.
pub(crate) type Input = Split<NewObject, Split<ChecksumMembers, Own>>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    bucket: String,
    key: String,
    content_length: Option<u64>,
    #[serde(rename = "ContentMD5")]
    content_md5: Option<String>,
    if_match: Option<String>,
    if_none_match: Option<String>,
    expected_bucket_owner: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(rename = "ETag")]
    etag: String,
    #[serde(flatten)]
    checksum: ChecksumMembers,
    checksum_type: Kind,
    server_side_encryption: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
}

impl PreparedOperation for PutObject {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    type Prepared = Taken;
    const NAME: &'static str = "PutObject";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        Split(new, Split(_, own)): &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &own.bucket).await?;
        Ok(new.permissions(&access, &own.key))
    }

    async fn prepare(
        objects: &Objects,
        ctx: &Context,
        Split(new, Split(sums, own)): &Input,
    ) -> Result<Taken, Fault> {
        // What is wrong is told before the bytes are read.
        new.check()?;
        check_key(&own.key)?;
        let expected = Expected::of(own.content_md5.as_deref(), sums, new.algorithm()?)?;
        let lock = new.lock(ctx.now)?;
        if new.says_lock() && expected.md5.is_none() && expected.algorithm.is_none() {
            let text = "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object \
                        requests with Object Lock parameters";
            return Err(Error::MissingParameter(text).into());
        }
        let mut tx = objects.platform.store.begin();
        let owner = own.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, &mut tx, &own.bucket, owner).await?;
        let current = model::current(&mut tx, &bucket, &own.key).await?;
        let (if_match, if_none_match) = (own.if_match.as_deref(), own.if_none_match.as_deref());
        check_write(current.as_ref(), &own.key, if_match, if_none_match)?;
        check_lock(&bucket, &lock)?;
        drop(tx);
        request::take(objects, ctx, own.content_length, &expected).await
    }

    async fn run(
        objects: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        Split(new, Split(_, own)): &Input,
        taken: &Taken,
    ) -> Result<Output, Fault> {
        let owner = own.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &own.bucket, owner).await?;
        let current = model::current(tx, &bucket, &own.key).await?;
        let (if_match, if_none_match) = (own.if_match.as_deref(), own.if_none_match.as_deref());
        check_write(current.as_ref(), &own.key, if_match, if_none_match)?;
        let body = taken.keep(objects, tx, &bucket.store).await?;
        let object = Object {
            size: taken.size,
            etag: taken.md5.clone(),
            content: Content::Whole(body),
            checksum: Some(taken.checksum.clone()),
            headers: new.headers(),
            metadata: new.metadata(),
            tags: new.tags()?,
            lock: new.lock(ctx.now)?,
        };
        let work = Work::new(objects, ctx, &bucket);
        let version = work.put(tx, &own.key, current, Some(object)).await?;
        work.notify_created(tx, Action::Put, &own.key, &version).await?;
        Ok(Output {
            etag: quoted(&taken.md5),
            checksum: ChecksumMembers::of(taken.checksum.algorithm, &taken.checksum.value),
            checksum_type: taken.checksum.kind,
            server_side_encryption: ENCRYPTION,
            version_id: bucket.shown(&version),
        })
    }

    async fn release(objects: &Objects, taken: &Taken) {
        taken.drop_blob(objects).await;
    }
}
