//! What `GetObject` and `HeadObject` share: everything but the bytes.

use super::{
    Access, Bucket, Checksum, ChecksumMembers, Content, Date, Headers, Lock, Object,
    ReadConditions, Version, Versioning, at, quoted, range, wanted,
};
use crate::{Error, Objects, config, content};
use kv::Transaction;
use policy::Principal;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Permission, Seconds, authorize};
use std::{collections::BTreeMap, ops::Range};
use types::Timestamp;

/// The members of both.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ReadInput {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) version_id: Option<String>,
    range: Option<String>,
    part_number: Option<u32>,
    if_match: Option<String>,
    if_none_match: Option<String>,
    #[serde(default)]
    if_modified_since: Date,
    #[serde(default)]
    if_unmodified_since: Date,
    response_cache_control: Option<String>,
    response_content_disposition: Option<String>,
    response_content_encoding: Option<String>,
    response_content_language: Option<String>,
    response_content_type: Option<String>,
    #[serde(default)]
    response_expires: Option<serde_json::Value>,
    checksum_mode: Option<String>,
    expected_bucket_owner: Option<String>,
}

/// What was found.
pub(crate) struct Found {
    pub(crate) bucket: Bucket,
    pub(crate) object: Object,
    /// The bytes that are wanted.
    pub(crate) range: Range<u64>,
    pub(crate) reply: Reply,
    /// Whether not all is wanted.
    pub(crate) is_partial: bool,
}

/// The members of both replies.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Reply {
    accept_ranges: &'static str,
    last_modified: Seconds,
    content_length: u64,
    #[serde(rename = "ETag")]
    etag: String,
    #[serde(flatten)]
    checksum: ChecksumMembers,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_type: Option<super::Kind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
    #[serde(flatten)]
    headers: Headers,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_range: Option<String>,
    server_side_encryption: &'static str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parts_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag_count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_lock_mode: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_lock_retain_until_date: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_lock_legal_hold_status: Option<&'static str>,
}

/// How objects are encrypted, all of them: under a key of this installation.
pub(crate) const ENCRYPTION: &str = "AES256";

/// Which bytes are wanted, and what goes with them.
struct Selected {
    range: Range<u64>,
    is_partial: bool,
    parts_count: Option<u32>,
    checksum: Option<Checksum>,
}

impl ReadInput {
    /// What the caller must be allowed to do.
    pub(crate) async fn permissions(
        &self,
        ctx: &Context,
        tx: &mut Transaction,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &self.bucket).await?;
        Ok(vec![match &self.version_id {
            None => access.object("s3:GetObject", &self.key),
            Some(id) => access
                .object("s3:GetObjectVersion", &self.key)
                .with_condition("s3:VersionId", id.as_str()),
        }])
    }

    /// Finds the version, and decides what of it goes back.
    pub(crate) async fn find(&self, ctx: &Context, tx: &mut Transaction) -> Result<Found, Fault> {
        self.check(ctx)?;
        let bucket = at(ctx, tx, &self.bucket, self.expected_bucket_owner.as_deref()).await?;
        let (id, key) = (self.version_id.as_deref(), self.key.as_str());
        let version = match wanted(tx, &bucket, key, id).await {
            Err(error @ Error::NoSuchKey(_)) => {
                return Err(hide_missing(ctx, tx, &bucket, error.into()).await?);
            }
            version => version?,
        };
        let Version { id: version_id, modified, object, .. } = version;
        let version_id = (bucket.versioning != Versioning::Off).then(|| version_id.to_string());
        let Some(object) = object else {
            let fault = self.of_marker(version_id.as_deref(), modified);
            return Err(hide_missing(ctx, tx, &bucket, fault).await?);
        };
        self.conditions().check(&object, modified)?;
        let selected = self.select(tx, &bucket, &object).await?;
        let mut reply = self.reply(&object, modified, version_id, &selected);
        if !object.lock.is_open() {
            let access = Access::to(ctx, tx, bucket.name()).await?;
            reply.add_lock(ctx, &access, key, &object.lock);
        }
        let Selected { range, is_partial, .. } = selected;
        Ok(Found { bucket, object, range, reply, is_partial })
    }

    fn check(&self, ctx: &Context) -> Result<(), Error> {
        let overrides = [
            &self.response_cache_control,
            &self.response_content_disposition,
            &self.response_content_encoding,
            &self.response_content_language,
            &self.response_content_type,
        ];
        let overridden = overrides.iter().any(|text| text.is_some());
        if (overridden || self.response_expires.is_some())
            && ctx.caller.principal == Principal::Anonymous
        {
            let text = "Request specific response headers cannot be used for anonymous GET \
                        requests.";
            return Err(Error::InvalidRequest(text.to_owned()));
        }
        if self.range.is_some() && self.part_number.is_some() {
            let text = "Cannot specify both Range header and partNumber query parameter";
            return Err(Error::InvalidRequest(text.to_owned()));
        }
        Ok(())
    }

    fn conditions(&self) -> ReadConditions<'_> {
        ReadConditions {
            if_match: self.if_match.as_deref(),
            if_none_match: self.if_none_match.as_deref(),
            if_modified_since: self.if_modified_since,
            if_unmodified_since: self.if_unmodified_since,
        }
    }

    /// The fault of a read that meets a delete marker.
    fn of_marker(&self, version_id: Option<&str>, modified: Timestamp) -> Fault {
        let fault = match self.version_id {
            None => Fault::from(Error::NoSuchKey(self.key.clone())),
            Some(_) => Fault::from(Error::MethodNotAllowed)
                .header("last-modified", modified.to_http_date())
                .header("allow", "DELETE"),
        };
        let fault = fault.header("x-amz-delete-marker", "true");
        match version_id {
            Some(id) => fault.header("x-amz-version-id", id),
            None => fault,
        }
    }

    async fn select(
        &self,
        tx: &mut Transaction,
        bucket: &Bucket,
        object: &Object,
    ) -> Result<Selected, Error> {
        if let Some(number) = self.part_number {
            return self.select_part(tx, bucket, object, number).await;
        }
        let range = self.range.as_deref().map(|range| range::parse(range, object.size));
        Ok(match range.transpose()?.flatten() {
            Some(range) => Selected { range, is_partial: true, parts_count: None, checksum: None },
            None => Selected {
                range: 0..object.size,
                is_partial: false,
                parts_count: None,
                checksum: object.checksum.clone(),
            },
        })
    }

    async fn select_part(
        &self,
        tx: &mut Transaction,
        bucket: &Bucket,
        object: &Object,
        number: u32,
    ) -> Result<Selected, Error> {
        if !config::PART_NUMBERS.contains(&number) {
            let text = "Part number must be an integer between 1 and 10000, inclusive";
            return Err(Error::InvalidArgument(text.to_owned()));
        }
        let Content::Parts { upload, count } = &object.content else {
            return match number {
                1 => Ok(Selected {
                    range: 0..object.size,
                    is_partial: object.size > 0,
                    parts_count: None,
                    checksum: object.checksum.clone(),
                }),
                _ => Err(Error::InvalidPartNumber),
            };
        };
        let parts = content::parts(tx, &bucket.store, upload).await?;
        let placed = parts.into_iter().find(|placed| placed.number == number);
        let placed = placed.ok_or(Error::InvalidPartNumber)?;
        let checksum = placed.part.checksum;
        Ok(Selected { range: placed.range, is_partial: true, parts_count: Some(*count), checksum })
    }

    fn reply(
        &self,
        object: &Object,
        modified: Timestamp,
        version_id: Option<String>,
        selected: &Selected,
    ) -> Reply {
        let checksum = selected.checksum.as_ref();
        let checksum = checksum.filter(|_| self.checksum_mode.as_deref() == Some("ENABLED"));
        let Range { start, end } = selected.range;
        let content_range = format!("bytes {start}-{}/{}", end.saturating_sub(1), object.size);
        Reply {
            accept_ranges: "bytes",
            last_modified: Seconds(Timestamp::from_secs(modified.as_secs())),
            content_length: end - start,
            etag: quoted(&object.etag),
            checksum: checksum
                .map(|sum| ChecksumMembers::of(sum.algorithm, &sum.value))
                .unwrap_or_default(),
            checksum_type: checksum.map(|sum| sum.kind),
            version_id,
            headers: self.headers(&object.headers),
            content_range: selected.is_partial.then_some(content_range),
            server_side_encryption: ENCRYPTION,
            metadata: object.metadata.clone(),
            parts_count: selected.parts_count,
            tag_count: Some(object.tags.len()).filter(|count| *count > 0),
            object_lock_mode: None,
            object_lock_retain_until_date: None,
            object_lock_legal_hold_status: None,
        }
    }

    /// The object's headers, as far as the request does not replace them.
    fn headers(&self, stored: &Headers) -> Headers {
        let choose = |wanted: &Option<String>, stored: &Option<String>| {
            wanted.clone().or_else(|| stored.clone())
        };
        let expires = self.response_expires.as_ref().map(|value| {
            match serde_json::from_value(value.clone()) {
                Ok(Seconds(at)) => at.to_http_date(),
                Err(_) => value.as_str().unwrap_or_default().to_owned(),
            }
        });
        Headers {
            cache_control: choose(&self.response_cache_control, &stored.cache_control),
            content_disposition: choose(
                &self.response_content_disposition,
                &stored.content_disposition,
            ),
            content_encoding: choose(&self.response_content_encoding, &stored.content_encoding),
            content_language: choose(&self.response_content_language, &stored.content_language),
            content_type: choose(&self.response_content_type, &stored.content_type),
            expires: choose(&expires, &stored.expires),
        }
    }
}

impl Reply {
    /// Tells the lock to who may know it.
    fn add_lock(&mut self, ctx: &Context, access: &Access, key: &str, lock: &Lock) {
        let may = |action| {
            let needed = access.object(action, key);
            authorize(&ctx.caller, &needed, &ctx.region, ctx.now).is_ok()
        };
        if let Some(retention) = lock.retention.filter(|_| may("s3:GetObjectRetention")) {
            self.object_lock_mode = Some(retention.mode.name());
            self.object_lock_retain_until_date = Some(Seconds(retention.until));
        }
        if lock.legal_hold && may("s3:GetObjectLegalHold") {
            self.object_lock_legal_hold_status = Some("ON");
        }
    }
}

/// What is missing is told only to who may list the bucket.
async fn hide_missing(
    ctx: &Context,
    tx: &mut Transaction,
    bucket: &Bucket,
    missing: Fault,
) -> Result<Fault, Fault> {
    let access = Access::to(ctx, tx, bucket.name()).await?;
    let list = access.bucket("s3:ListBucket");
    Ok(match authorize(&ctx.caller, &list, &ctx.region, ctx.now) {
        Ok(()) => missing,
        Err(_) => Error::AccessDenied.into(),
    })
}

impl Found {
    /// The status of a reply that brings the bytes, or would.
    pub(crate) fn status(&self) -> u16 {
        if self.is_partial { 206 } else { 200 }
    }

    /// The places that hold the bytes.
    pub(crate) async fn segments(
        &self,
        objects: &Objects,
        tx: &mut Transaction,
    ) -> Result<Vec<content::Segment>, Error> {
        objects.segments(tx, &self.bucket.store, &self.object, &self.range).await
    }
}
