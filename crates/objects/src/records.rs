//! What objects keep in the store, for checks and backups.

use crate::{
    keys::{BODY, BUCKET, NULL, PART, SETTING, StoreId, UPLOAD, VERSION, body, version},
    model::{Body, Bucket, Content, Part, Upload, Version},
};
use kv::{Entry, Error, KeyReader, Tag};
use service::{Inspection, Records};

/// What lies under each of its key tags.
#[must_use]
pub fn records() -> Vec<Records> {
    vec![
        Records::plain::<Bucket>(BUCKET, "bucket"),
        Records::bytes(SETTING, "configuration of a bucket"),
        Records::of::<Version>(VERSION, "object", |entry, found, inspection| {
            let (store, mut key) = store(VERSION, entry)?;
            let (_, _) = (key.str()?, key.u64()?);
            key.finish()?;
            if let Some(Content::Whole(bytes)) = found.object.map(|object| object.content) {
                needs(inspection, &store, &bytes);
            }
            Ok(())
        }),
        Records::new(NULL, "index of null versions", |entry, inspection| {
            let (store, mut key) = store(NULL, entry)?;
            let place = entry.value[..].try_into().map(u64::from_be_bytes);
            let place = place.map_err(|_| Error::Corrupt("no place".to_owned()))?;
            inspection.requires(version(&store, &key.str()?, place));
            Ok(())
        }),
        Records::bytes(BODY, "bytes of an object"),
        Records::plain::<Upload>(UPLOAD, "upload in progress"),
        Records::of::<Part>(PART, "part of an object", |entry, part, inspection| {
            let (store, _) = store(PART, entry)?;
            needs(inspection, &store, &part.body);
            Ok(())
        }),
    ]
}

/// The bytes of an object or a part must be there.
fn needs(inspection: &mut Inspection, store: &StoreId, bytes: &Body) {
    match bytes {
        Body::Empty => {}
        Body::Inline(blob) => inspection.requires(body(store, &blob.id)),
        Body::Blob(blob) => inspection.refers(blob.id, blob.stored_bytes()),
    }
}

fn store(tag: Tag, entry: &Entry) -> Result<(StoreId, KeyReader<'_>), Error> {
    let mut key = KeyReader::new(tag, &entry.key)?;
    let account = key.str()?.parse().map_err(|_| Error::Corrupt("an account".to_owned()))?;
    let region = key.str()?.parse().map_err(|_| Error::Corrupt("a region".to_owned()))?;
    let name = key.str()?;
    let id = key.fixed16()?;
    Ok((StoreId { account, region, name, id }, key))
}
