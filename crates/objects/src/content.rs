//! How bytes go out: which places hold a range of an object, and what is read from them.

use crate::{
    Error, Objects, config,
    error::of_blob,
    keys::{self, StoreId, UploadKey},
    model::{Body, Content, Object, Part},
};
use blob::BlobRef;
use bytes::Bytes;
use futures_util::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use kv::{Scan, Transaction};
use std::ops::Range;

/// The bytes of an object, in order.
pub(crate) type ByteStream = BoxStream<'static, Result<Bytes, Error>>;

/// Bytes in one place.
pub(crate) enum Segment {
    Bytes(Bytes),
    Blob(BlobRef, Range<u64>),
}

/// Where a part of an object lies in it.
pub(crate) struct Placed {
    pub(crate) number: u32,
    pub(crate) range: Range<u64>,
    pub(crate) part: Part,
}

impl Objects {
    /// The places that hold `range` of an object, in order.
    pub(crate) async fn segments(
        &self,
        tx: &mut Transaction,
        store: &StoreId,
        object: &Object,
        range: &Range<u64>,
    ) -> Result<Vec<Segment>, Error> {
        let mut segments = Vec::new();
        match &object.content {
            Content::Whole(body) => {
                segments.extend(self.segment(tx, store, body, range.clone()).await?);
            }
            Content::Parts { upload, .. } => {
                for placed in parts(tx, store, upload).await? {
                    let Range { start, end } = placed.range;
                    let within = start.max(range.start)..end.min(range.end);
                    if within.is_empty() {
                        continue;
                    }
                    let within = within.start - start..within.end - start;
                    segments.extend(self.segment(tx, store, &placed.part.body, within).await?);
                }
            }
        }
        Ok(segments)
    }

    async fn segment(
        &self,
        tx: &mut Transaction,
        store: &StoreId,
        body: &Body,
        range: Range<u64>,
    ) -> Result<Option<Segment>, Error> {
        match body {
            _ if range.is_empty() => Ok(None),
            Body::Empty => Ok(None),
            Body::Blob(blob) => Ok(Some(Segment::Blob(*blob, range))),
            Body::Inline(blob) => {
                let sealed = tx.get_snapshot(&keys::body(store, &blob.id)).await?;
                let sealed = sealed.ok_or_else(|| Error::Blob(format!("no body {}", blob.id)))?;
                let bytes = self.blobs.open(blob, &sealed).map_err(of_blob)?;
                Ok(Some(Segment::Bytes(bytes.slice(range.start as usize..range.end as usize))))
            }
        }
    }

    /// The bytes of places, one after the other.
    pub(crate) fn stream(&self, segments: Vec<Segment>) -> ByteStream {
        let blobs = self.blobs.clone();
        stream::iter(segments)
            .then(move |segment| {
                let blobs = blobs.clone();
                async move {
                    match segment {
                        Segment::Bytes(bytes) => Ok(stream::iter([Ok(bytes)]).boxed()),
                        Segment::Blob(blob, range) => {
                            let stream = blobs.read_range(&blob, range).await.map_err(of_blob)?;
                            Ok::<_, Error>(stream.map_err(of_blob).boxed())
                        }
                    }
                }
            })
            .try_flatten()
            .boxed()
    }
}

/// The parts of an object or an upload, in order.
pub(crate) async fn parts(
    tx: &mut Transaction,
    store: &StoreId,
    upload: &UploadKey,
) -> Result<Vec<Placed>, kv::Error> {
    scan(tx, store, upload, Scan::first(config::PARTS_PAGE).snapshot()).await
}

/// The same, so that a part that comes meanwhile is a conflict.
pub(crate) async fn tracked_parts(
    tx: &mut Transaction,
    store: &StoreId,
    upload: &UploadKey,
) -> Result<Vec<Placed>, kv::Error> {
    scan(tx, store, upload, Scan::first(config::PARTS_PAGE)).await
}

async fn scan(
    tx: &mut Transaction,
    store: &StoreId,
    upload: &UploadKey,
    page: Scan,
) -> Result<Vec<Placed>, kv::Error> {
    let (mut range, mut parts, mut start) = (keys::parts(store, upload), Vec::new(), 0);
    loop {
        let entries = tx.scan(&range, page).await?;
        for entry in &entries {
            let part: Part = kv::decode_record(&entry.value)?;
            let end = start + part.size;
            let number = keys::read_part(store, &entry.key)?;
            parts.push(Placed { number, range: start..end, part });
            start = end;
        }
        match entries.last() {
            Some(last) if entries.len() == page.limit => range = range.after(&last.key),
            _ => return Ok(parts),
        }
    }
}
