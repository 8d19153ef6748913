//! How parts come into an upload, and how an object is made of them.

use super::{
    Checksum, ChecksumMembers, Content, Kind, Object, Part, Split, Upload, Work, find_upload,
    of_parts,
};
use crate::{
    Error, config,
    content::{self, Placed},
    intake::Taken,
    keys::{self, UploadKey},
};
use kv::Transaction;
use md5::{Digest, Md5};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A part as the list of a completion names it.
pub(crate) type Completed = Split<ChecksumMembers, CompletedPart>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CompletedPart {
    part_number: u32,
    #[serde(rename = "ETag")]
    etag: Option<String>,
}

impl Work<'_> {
    /// Puts a part into an upload, in place of an earlier one of its number.
    pub(crate) async fn put_part(
        &self,
        tx: &mut Transaction,
        key: &str,
        upload_id: &str,
        number: u32,
        taken: &Taken,
    ) -> Result<(), Error> {
        let store = &self.bucket.store;
        let (upload, _) = find_upload(tx, self.bucket, key, upload_id).await?;
        let place = keys::part(store, &upload, number);
        if let Some(old) = tx.get_record::<Part>(&place).await? {
            self.release_body(tx, &old.body)?;
        }
        let part = Part {
            size: taken.size,
            md5: taken.md5.clone(),
            modified: self.ctx.now,
            body: taken.keep(self.objects, tx, store).await?,
            checksum: Some(taken.checksum.clone()),
        };
        Ok(tx.put_record(place, &part)?)
    }

    /// Ends an upload: the object of the parts that are listed. The others go.
    pub(crate) async fn assemble(
        &self,
        tx: &mut Transaction,
        key: &str,
        (id, upload): (&UploadKey, &Upload),
        listed: &[Completed],
    ) -> Result<Object, Error> {
        if listed.is_empty() {
            return Err(Error::MalformedXml);
        }
        if !listed.is_sorted_by(|Split(_, a), Split(_, b)| a.part_number < b.part_number) {
            return Err(Error::InvalidPartOrder);
        }
        let store = &self.bucket.store;
        let parts = content::tracked_parts(tx, store, id).await?;
        let mut parts: BTreeMap<u32, Part> =
            parts.into_iter().map(|Placed { number, part, .. }| (number, part)).collect();
        let mut chosen = Vec::with_capacity(listed.len());
        for Split(sums, CompletedPart { part_number, etag }) in listed {
            let part = parts.remove(part_number).ok_or(Error::InvalidPart(*part_number))?;
            check_part(&part, upload, *part_number, etag.as_deref(), sums)?;
            chosen.push((*part_number, part));
        }
        check_sizes(&chosen)?;
        if parts.len() > config::UNLISTED_PARTS {
            let text = format!("More than {} parts are not listed", config::UNLISTED_PARTS);
            return Err(Error::BadRequest(text));
        }
        for (number, part) in parts {
            self.release_body(tx, &part.body)?;
            tx.delete(keys::part(store, id, number))?;
        }
        tx.delete(keys::upload(store, key, id))?;
        object(*id, upload, &chosen)
    }
}

/// A listed part must be the one that was uploaded.
fn check_part(
    part: &Part,
    upload: &Upload,
    number: u32,
    etag: Option<&str>,
    sums: &ChecksumMembers,
) -> Result<(), Error> {
    if etag.is_some_and(|etag| etag.trim_matches('"') != part.md5) {
        return Err(Error::InvalidPart(number));
    }
    match (sums.only()?, &part.checksum) {
        (Some((algorithm, value)), Some(sum)) if sum.algorithm == algorithm => {
            if sum.value == value { Ok(()) } else { Err(Error::InvalidPart(number)) }
        }
        // One that was not chosen is computed all the same, and cannot be compared.
        (Some(_), _) if !upload.is_chosen => Ok(()),
        (Some(_), _) => Err(Error::InvalidPart(number)),
        (None, _) if upload.is_chosen && upload.kind == Kind::Composite => {
            let name = upload.algorithm.name().to_ascii_lowercase();
            Err(Error::InvalidRequest(format!(
                "The upload was created using a {name} checksum. The complete request must include \
                 the checksum for each part. It was missing for part {number} in the request."
            )))
        }
        (None, _) => Ok(()),
    }
}

/// Only the last part may be small.
fn check_sizes(chosen: &[(u32, Part)]) -> Result<(), Error> {
    let all_but_last = &chosen[..chosen.len().saturating_sub(1)];
    match all_but_last.iter().find(|(_, part)| part.size < config::PART_BYTES) {
        Some((number, part)) => Err(Error::EntityTooSmall { part: *number, size: part.size }),
        None => Ok(()),
    }
}

fn object(id: UploadKey, upload: &Upload, chosen: &[(u32, Part)]) -> Result<Object, Error> {
    let mut md5 = Md5::new();
    for (number, part) in chosen {
        md5.update(hex::decode(&part.md5).map_err(|_| Error::InvalidPart(*number))?);
    }
    let sums = chosen
        .iter()
        .filter_map(|(_, part)| Some((part.checksum.as_ref()?.value.as_str(), part.size)));
    Ok(Object {
        size: chosen.iter().map(|(_, part)| part.size).sum(),
        etag: format!("{}-{}", hex::encode(md5.finalize()), chosen.len()),
        content: Content::Parts { upload: id, count: chosen.len() as u32 },
        checksum: Some(of_parts(upload.algorithm, upload.kind, sums)?),
        headers: upload.headers.clone(),
        metadata: upload.metadata.clone(),
        tags: upload.tags.clone(),
        lock: upload.lock,
    })
}

/// The object must be what the completion says of the whole.
pub(crate) fn check_assembled(
    object: &Object,
    sums: &ChecksumMembers,
    size: Option<u64>,
) -> Result<(), Error> {
    if size.is_some_and(|size| size != object.size) {
        let text = "The provided 'x-amz-mp-object-size' header value does not match what was \
                    computed.";
        return Err(Error::InvalidRequest(text.to_owned()));
    }
    let (Some((algorithm, value)), Some(sum)) = (sums.only()?, &object.checksum) else {
        return Ok(());
    };
    let Checksum { algorithm: computed, value: expected, .. } = sum;
    let digest = expected.split('-').next().unwrap_or_default();
    match *computed == algorithm && (value == expected || value == digest) {
        true => Ok(()),
        false => Err(Error::BadChecksum(algorithm.name())),
    }
}
