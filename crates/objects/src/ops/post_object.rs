use crate::{
    Error, Objects,
    intake::{Expected, Taken},
    model::{
        self, Access, Action, Content, ENCRYPTION, Object, PostForm, Work, check_key, check_lock,
        quoted,
    },
    request,
};
use kv::Transaction;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use service::{Context, Fault, Permission, PreparedOperation};
use std::ops::RangeInclusive;

/// Stores the file of a form that a browser posts.
pub(crate) struct PostObject;

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    status: u16,
    redirect_to: String,
    #[serde(rename = "ETag")]
    etag: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
    server_side_encryption: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_response: Option<PostResponse>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PostResponse {
    location: String,
    bucket: String,
    key: String,
    #[serde(rename = "ETag")]
    etag: String,
}

const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const PATH: &AsciiSet = &PLAIN.remove(b'/');

/// The answer that the form asks for: a page to go to, a document, or nothing.
fn output(ctx: &Context, form: &PostForm, key: &str, etag: String) -> Output {
    let redirect = form.field("success_action_redirect").or(form.field("redirect"));
    let base = ctx.platform.public_url.as_str();
    let location = format!("{base}/{}/{}", form.bucket, utf8_percent_encode(key, PATH));
    let status = match form.field("success_action_status") {
        _ if redirect.is_some_and(is_url) => 303,
        Some("200") => 200,
        Some("201") => 201,
        _ => 204,
    };
    let post_response = (status == 201).then(|| PostResponse {
        location: location.clone(),
        bucket: form.bucket.clone(),
        key: key.to_owned(),
        etag: etag.clone(),
    });
    let redirect_to = match redirect.filter(|_| status == 303) {
        None => location,
        Some(page) => {
            let joint = if page.contains('?') { '&' } else { '?' };
            let write = |text: &str| utf8_percent_encode(text, PLAIN).to_string();
            let (bucket, key, etag) = (write(&form.bucket), write(key), write(&etag));
            format!("{page}{joint}bucket={bucket}&key={key}&etag={etag}")
        }
    };
    let server_side_encryption = ENCRYPTION;
    Output { status, redirect_to, etag, server_side_encryption, post_response, ..Output::default() }
}

/// What is no address of a page is as none.
fn is_url(text: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme))
        && text.parse::<http::Uri>().is_ok()
}

impl PreparedOperation for PostObject {
    type Service = Objects;
    type Input = PostForm;
    type Output = Output;
    type Prepared = Taken;
    const NAME: &'static str = "PostObject";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        form: &PostForm,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &form.bucket).await?;
        Ok(form.object()?.permissions(&access, form.key().as_deref().unwrap_or_default()))
    }

    async fn prepare(objects: &Objects, ctx: &Context, form: &PostForm) -> Result<Taken, Fault> {
        let key = form.key()?;
        let policy = form.policy()?;
        if let Some(policy) = &policy {
            policy.check(&form.seen()?, &form.bucket, ctx.now)?;
        }
        let new = form.object()?;
        new.check()?;
        check_key(&key)?;
        let expected = Expected::of(None, &form.checksums(), new.algorithm()?)?;
        let mut tx = objects.platform.store.begin();
        let bucket = model::at(ctx, &mut tx, &form.bucket, None).await?;
        check_lock(&bucket, &new.lock(ctx.now)?)?;
        drop(tx);
        let length = policy.and_then(|policy| policy.length);
        let most = length.as_ref().map(|range| *range.end());
        let taken = request::take_within(objects, ctx, most, &expected).await?;
        if let Err(error) = check_length(&taken, length) {
            taken.drop_blob(objects).await;
            return Err(error.into());
        }
        Ok(taken)
    }

    async fn run(
        objects: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        form: &PostForm,
        taken: &Taken,
    ) -> Result<Output, Fault> {
        let (key, new) = (form.key()?, form.object()?);
        let bucket = model::at(ctx, tx, &form.bucket, None).await?;
        let current = model::current(tx, &bucket, &key).await?;
        let content = Content::Whole(taken.keep(objects, tx, &bucket.store).await?);
        let object = Object {
            size: taken.size,
            etag: taken.md5.clone(),
            content,
            checksum: Some(taken.checksum.clone()),
            headers: new.headers(),
            metadata: new.metadata(),
            tags: new.tags()?,
            lock: new.lock(ctx.now)?,
        };
        let work = Work::new(objects, ctx, &bucket);
        let version = work.put(tx, &key, current, Some(object)).await?;
        work.notify_created(tx, Action::Post, &key, &version).await?;
        let output = output(ctx, form, &key, quoted(&taken.md5));
        Ok(Output { version_id: bucket.shown(&version), ..output })
    }

    async fn release(objects: &Objects, taken: &Taken) {
        taken.drop_blob(objects).await;
    }
}

fn check_length(taken: &Taken, length: Option<RangeInclusive<u64>>) -> Result<(), Error> {
    match length.map(|range| *range.start()) {
        Some(least) if taken.size < least => {
            Err(Error::BelowLength { proposed: taken.size, least })
        }
        _ => Ok(()),
    }
}
