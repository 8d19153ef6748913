use crate::{
    Objects, keys,
    model::{
        self, Access, Bucket, CommonPrefix, Encoding, Kind, Next, Owner, Page, Query, Read, Upload,
    },
};
use kv::{Key, Transaction};
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission, Seconds};

/// Lists uploads in progress, by key and then by their beginning.
pub(crate) struct ListMultipartUploads;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    bucket: String,
    #[serde(default)]
    prefix: String,
    delimiter: Option<String>,
    encoding_type: Option<String>,
    #[serde(default)]
    key_marker: String,
    #[serde(default)]
    upload_id_marker: String,
    max_uploads: Option<i64>,
    expected_bucket_owner: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    bucket: String,
    key_marker: String,
    upload_id_marker: String,
    next_key_marker: String,
    next_upload_id_marker: String,
    prefix: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<String>,
    max_uploads: usize,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding_type: Option<String>,
    uploads: Vec<Listed>,
    common_prefixes: Vec<CommonPrefix>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    upload_id: String,
    key: String,
    initiated: Seconds,
    storage_class: &'static str,
    owner: Owner,
    initiator: Owner,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_algorithm: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_type: Option<Kind>,
}

type Found = (keys::UploadKey, Upload);

impl Input {
    async fn page(
        &self,
        tx: &mut Transaction,
        bucket: &Bucket,
        limit: usize,
    ) -> Result<Page<Found>, Fault> {
        let (store, marker) = (&bucket.store, self.key_marker.as_str());
        let mut range = keys::uploads_with(store, &self.prefix);
        let has_id = !marker.is_empty() && !self.upload_id_marker.is_empty();
        if has_id {
            let id = model::read_upload_id(&self.upload_id_marker)?;
            range = range.after(&keys::upload(store, marker, &id));
        } else if !marker.is_empty() {
            range.start = range.start.max(keys::uploads(store, marker).end);
        }
        let query = Query {
            prefix: &self.prefix,
            delimiter: self.delimiter.as_deref(),
            after: Some(marker).filter(|marker| !marker.is_empty() && !has_id),
            limit,
        };
        let end_of = |prefix: &str| -> Key { keys::uploads_with(store, prefix).end };
        let page = query.page(tx, range, end_of, |entry| {
            let (key, id) = keys::read_upload(store, &entry.key)?;
            Ok(Read::Item(key, (id, kv::decode_record(&entry.value)?)))
        });
        Ok(page.await?)
    }
}

fn listed(key: &str, (id, upload): &Found, encoding: Encoding, owner: &Owner) -> Listed {
    Listed {
        upload_id: model::upload_id(id),
        key: encoding.write(key),
        initiated: Seconds(upload.initiated),
        storage_class: "STANDARD",
        owner: owner.clone(),
        initiator: owner.clone(),
        checksum_algorithm: upload.is_chosen.then(|| upload.algorithm.name()),
        checksum_type: upload.is_chosen.then_some(upload.kind),
    }
}

impl Operation for ListMultipartUploads {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListMultipartUploads";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &input.bucket).await?;
        Ok(vec![access.bucket("s3:ListBucketMultipartUploads")])
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let owner = input.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &input.bucket, owner).await?;
        let limit = model::limit(input.max_uploads, "max-uploads")?;
        let encoding = Encoding::of(input.encoding_type.as_deref())?;
        let page = input.page(tx, &bucket, limit).await?;
        let owner = Owner::of(&bucket.store.account);
        let next = page.next.as_ref().map(|(Next::After(item) | Next::Within(item))| item);
        let last = page.items.last().filter(|(key, _)| Some(key) == next);
        let uploads = page.items.iter().map(|(key, found)| listed(key, found, encoding, &owner));
        Ok(Output {
            bucket: input.bucket.clone(),
            key_marker: encoding.write(&input.key_marker),
            upload_id_marker: input.upload_id_marker.clone(),
            next_key_marker: next.map(|next| encoding.write(next)).unwrap_or_default(),
            next_upload_id_marker: last
                .map(|(_, (id, _))| model::upload_id(id))
                .unwrap_or_default(),
            prefix: encoding.write(&input.prefix),
            delimiter: input.delimiter.as_ref().map(|delimiter| encoding.write(delimiter)),
            max_uploads: limit,
            is_truncated: next.is_some(),
            encoding_type: input.encoding_type.clone(),
            uploads: uploads.collect(),
            common_prefixes: CommonPrefix::all(&page.prefixes, encoding),
        })
    }
}
