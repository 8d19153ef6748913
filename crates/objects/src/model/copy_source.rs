//! What a copy is made of.

use super::{Access, Bucket, Date, Object, ReadConditions, Version, at, wanted};
use crate::{Error, Objects, config, content::ByteStream};
use kv::Transaction;
use percent_encoding::percent_decode_str;
use service::{Context, Fault, Permission};
use std::ops::Range;
use types::Timestamp;

/// The object that `x-amz-copy-source` names.
#[derive(Debug, PartialEq)]
pub(crate) struct CopySource {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) version: Option<String>,
}

/// What a request says of a copy's source.
#[derive(Default)]
pub(crate) struct SourceOptions<'a> {
    pub(crate) if_match: Option<&'a str>,
    pub(crate) if_none_match: Option<&'a str>,
    pub(crate) if_modified_since: Date,
    pub(crate) if_unmodified_since: Date,
    pub(crate) owner: Option<&'a str>,
    pub(crate) range: Option<&'a str>,
}

/// A source whose bytes can be read.
pub(crate) struct OpenSource {
    pub(crate) object: Object,
    /// Its version, if its bucket has versions.
    pub(crate) version: Option<String>,
    pub(crate) stream: ByteStream,
}

impl CopySource {
    /// Reads `[/]bucket/key[?versionId=id]`, which is written as in a URL.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let invalid = || {
            let text =
                "Copy Source must mention the source bucket and key: /sourcebucket/sourcekey";
            Error::InvalidArgument(text.to_owned())
        };
        let (path, version) = match text.rsplit_once("?versionId=") {
            Some((path, version)) => (path, Some(version.to_owned())),
            None => (text, None),
        };
        let path = path.replace('+', " ");
        let path = percent_decode_str(&path).decode_utf8().map_err(|_| invalid())?;
        let path = path.strip_prefix('/').unwrap_or(&path);
        if path.starts_with("arn:") {
            return Err(Error::NotImplemented("access points as the source of a copy".to_owned()));
        }
        match path.split_once('/') {
            Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
                Ok(Self { bucket: bucket.to_owned(), key: key.to_owned(), version })
            }
            _ => Err(invalid()),
        }
    }

    /// What the caller must be allowed to do to read it.
    pub(crate) async fn permission(
        &self,
        ctx: &Context,
        tx: &mut Transaction,
    ) -> Result<Permission, Fault> {
        let access = Access::to(ctx, tx, &self.bucket).await?;
        Ok(match self.version {
            None => access.object("s3:GetObject", &self.key),
            Some(_) => access.object("s3:GetObjectVersion", &self.key),
        })
    }

    /// Finds it, checks what the request says of it and opens its bytes.
    pub(crate) async fn open(
        &self,
        objects: &Objects,
        ctx: &Context,
        options: &SourceOptions<'_>,
    ) -> Result<OpenSource, Fault> {
        let mut tx = objects.platform.store.begin();
        let bucket = at(ctx, &mut tx, &self.bucket, options.owner).await?;
        let (object, modified, version) = self.find(&mut tx, &bucket).await?;
        options.conditions().check_source(&object, modified)?;
        let range = options.range(object.size)?;
        let segments = objects.segments(&mut tx, &bucket.store, &object, &range).await?;
        Ok(OpenSource { object, version, stream: objects.stream(segments) })
    }

    async fn find(
        &self,
        tx: &mut Transaction,
        bucket: &Bucket,
    ) -> Result<(Object, Timestamp, Option<String>), Error> {
        let version = wanted(tx, bucket, &self.key, self.version.as_deref()).await?;
        let shown = bucket.shown(&version);
        let Version { modified, object, .. } = version;
        match object {
            Some(object) => Ok((object, modified, shown)),
            None if self.version.is_some() => {
                let text = "The source of a copy request may not specifically refer to a delete \
                            marker by version id.";
                Err(Error::InvalidRequest(text.to_owned()))
            }
            None => Err(Error::NoSuchKey(self.key.clone())),
        }
    }
}

impl SourceOptions<'_> {
    fn conditions(&self) -> ReadConditions<'_> {
        ReadConditions {
            if_match: self.if_match,
            if_none_match: self.if_none_match,
            if_modified_since: self.if_modified_since,
            if_unmodified_since: self.if_unmodified_since,
        }
    }

    fn range(&self, size: u64) -> Result<Range<u64>, Error> {
        let range = match self.range {
            None => 0..size,
            Some(range) => super::range::parse_exact(range, size)?,
        };
        if range.end - range.start > config::UPLOAD_BYTES {
            return Err(Error::InvalidRequest(format!(
                "The specified copy source is larger than the maximum allowable size for a copy \
                 source: {}",
                config::UPLOAD_BYTES
            )));
        }
        Ok(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_written_as_in_a_url() {
        let source = |bucket: &str, key: &str, version: Option<&str>| CopySource {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            version: version.map(str::to_owned),
        };
        let parse = |text| CopySource::parse(text).unwrap();
        assert_eq!(parse("photos/a/b%20c"), source("photos", "a/b c", None));
        assert_eq!(parse("/photos/a%3Fb?versionId=v1"), source("photos", "a?b", Some("v1")));
        for bad in ["photos", "/photos", "photos/", "arn:aws:s3:eu-1:0:accesspoint/a/object/k"] {
            assert!(CopySource::parse(bad).is_err(), "{bad}");
        }
    }
}
